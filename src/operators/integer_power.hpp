#pragma once

#include "operators/numeric.hpp"

namespace furiosa::operators {

/// base^exponent, which wraps as multiplication does. A negative exponent gives the power truncated toward
/// zero: 0 but for the bases 1 and -1; 0 too for the base 0.
template <class T, class E>
constexpr T integer_power(T base, E exponent) noexcept
{
    if (exponent < 0) {
        if (base == 1)
            return 1;
        if (std::is_signed_v<T> && base == static_cast<T>(-1))
            return exponent % 2 == 0 ? T{1} : static_cast<T>(-1);
        return 0;
    }
    Wrapping<T> result = 1;
    auto square = static_cast<Wrapping<T>>(base);
    for (auto rest = static_cast<std::uint64_t>(exponent); rest != 0; rest >>= 1, square *= square)
        if ((rest & 1) != 0)
            result *= square;
    return static_cast<T>(result);
}

} // namespace furiosa::operators
