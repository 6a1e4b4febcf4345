#pragma once

#include <furiosa/core/tensor_view.hpp>

#include <cstdint>
#include <limits>
#include <type_traits>

namespace furiosa::operators {

/// The type to read elements as: booleans come from files, and a byte other than 0 and 1 must not be read as
/// a bool.
template <class T>
using Stored = std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>;

template <class T>
const Stored<T>* stored(const ConstTensorView& view)
{
    return reinterpret_cast<const Stored<T>*>(view.as<T>().data());
}
template <class T>
Stored<T>* stored(const TensorView& view)
{
    return reinterpret_cast<Stored<T>*>(view.as<T>().data());
}

/// Arithmetic whose overflow wraps: integers as unsigned ones of at least the size of unsigned (smaller ones
/// would be promoted to int), floats as they are.
template <class T, bool = std::is_integral_v<T>>
struct WrappingType
{
    using type = T;
};
template <class T>
struct WrappingType<T, true>
{
    using type = std::common_type_t<unsigned, std::make_unsigned_t<T>>;
};
template <class T>
using Wrapping = typename WrappingType<T>::type;

/// `value` in another type. Floats are truncated toward zero; where the language leaves open what becomes of
/// them, they saturate, and NaN becomes 0. Integers wrap.
template <class To, class From>
constexpr To convert(From value) noexcept
{
    if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
        using Limits = std::numeric_limits<To>;
        constexpr From lowest = static_cast<From>(Limits::min());
        constexpr From beyond =
            2 * static_cast<From>(To{1} << (Limits::digits - 1)); // max + 1, which is exact
        if (!(value > lowest))
            return value != value ? To{0} : Limits::min();
        if (value >= beyond)
            return Limits::max();
    }
    return static_cast<To>(value);
}

/// The larger one; NaN if one is NaN, as numpy.maximum.
struct Larger
{
    template <class T>
    T operator()(T a, T b) const noexcept
    {
        return a > b || a != a ? a : b;
    }
};

/// The smaller one; NaN if one is NaN, as numpy.minimum.
struct Smaller
{
    template <class T>
    T operator()(T a, T b) const noexcept
    {
        return a < b || a != a ? a : b;
    }
};

/// What Larger and Smaller of nothing is.
template <class T>
constexpr T lowest_value() noexcept
{
    using Limits = std::numeric_limits<T>;
    return Limits::has_infinity ? static_cast<T>(-Limits::infinity()) : Limits::lowest();
}
template <class T>
constexpr T highest_value() noexcept
{
    using Limits = std::numeric_limits<T>;
    return Limits::has_infinity ? Limits::infinity() : Limits::max();
}

} // namespace furiosa::operators
