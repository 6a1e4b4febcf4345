#pragma once

#include "operators/definition.hpp"

#include <cstdint>
#include <limits>
#include <type_traits>

namespace furiosa::operators {

/// The integer that stands for a real number that has already been divided by the scale: rounded, half to
/// even, moved by the zero point, saturated. NaN becomes the smallest one.
template <class T, class Real>
T quantize(Real value, std::int32_t zero_point) noexcept
{
    // 1.5 · 2^23, for double 1.5 · 2^52: a number to which a small one is added has no bits left for
    // fractions, so the addition rounds, as the processor does: half to even. Unlike a call of nearbyint it
    // can be vectorised.
    constexpr Real rounder = std::is_same_v<Real, float> ? Real(0x1.8p23) : Real(0x1.8p52);
    const Real low = static_cast<Real>(std::numeric_limits<T>::min() - zero_point);
    const Real high = static_cast<Real>(std::numeric_limits<T>::max() - zero_point);
    const Real raised = value > low ? value : low;
    const Real inside = raised < high ? raised : high;
    return static_cast<T>(static_cast<std::int32_t>((inside + rounder) - rounder) + zero_point);
}

/// Calls `visit(std::type_identity<T>())` with the C++ type of 8-bit integers.
template <class Visit>
decltype(auto) visit_byte(DataType type, Visit&& visit)
{
    if (type == DataType::int8)
        return visit(std::type_identity<std::int8_t>());
    return visit(std::type_identity<std::uint8_t>());
}

/// A tensor as the scales of QuantizeLinear and DequantizeLinear see it: `outer` times as many blocks of
/// `inner` elements as there are scales.
struct QuantizedBlocks
{
    std::int64_t outer;
    std::int64_t scales;
    std::int64_t inner;
};

/// That of tensors that `check_scale` let pass.
QuantizedBlocks quantized_blocks(const Shape& shape, std::int64_t scales,
                                 const Attributes& attributes) noexcept;

/// Throws unless input 1 is a float32 scale for the whole of input 0, or one for each index along the
/// attribute axis, and input 2, if there is one, as many zero points.
void check_scale(const Question& question);

} // namespace furiosa::operators
