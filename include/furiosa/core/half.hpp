#pragma once

#include <bit>
#include <cstdint>

namespace furiosa {

// The two sixteen-bit floating-point formats, as bits. Conversions are those of IEEE 754: exact to float,
// from it to the nearest, ties to even. Infinities and subnormals are kept; NaNs become quiet and keep the
// upper bits of their payload.

/// binary16: a sign, 5 bits of exponent (bias 15), 10 of fraction.
constexpr float float16_to_float(std::uint16_t bits) noexcept
{
    const std::uint32_t sign = (bits & 0x8000u) << 16;
    const std::uint32_t exponent = bits >> 10 & 0x1f;
    const std::uint32_t fraction = bits & 0x3ffu;
    if (exponent == 0x1f)
        return std::bit_cast<float>(sign | 0x7f800000u | (fraction == 0 ? 0 : 0x400000u | fraction << 13));
    if (exponent == 0) { // fraction · 2^-24, which every float can hold
        const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
        return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
    }
    return std::bit_cast<float>(sign | ((exponent + (127 - 15)) << 23) | fraction << 13);
}

constexpr std::uint16_t float_to_float16(float value) noexcept
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = bits >> 16 & 0x8000u;
    const std::uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u)
        return static_cast<std::uint16_t>(sign | 0x7e00u | (magnitude >> 13 & 0x3ffu));
    if (magnitude >= 0x47800000u) // 2^16 and more
        return static_cast<std::uint16_t>(sign | 0x7c00u);
    if (magnitude >=
        0x38800000u) { // 2^-14 and more: normal. A carry moves into the exponent, up to infinity.
        const std::uint32_t rounded = magnitude + 0xfffu + (magnitude >> 13 & 1u);
        return static_cast<std::uint16_t>(sign | ((rounded - (112u << 23)) >> 13));
    }
    if (magnitude < 0x33000000u) // less than half of the smallest subnormal
        return static_cast<std::uint16_t>(sign);
    const std::uint32_t shift = 126u - (magnitude >> 23); // in units of 2^-24
    const std::uint32_t significand = (magnitude & 0x7fffffu) | 0x800000u;
    const std::uint32_t rest = significand & ((1u << shift) - 1);
    const std::uint32_t half = 1u << (shift - 1);
    std::uint32_t result = significand >> shift;
    if (rest > half || (rest == half && (result & 1u) != 0))
        ++result;
    return static_cast<std::uint16_t>(sign | result);
}

/// bfloat16: the upper half of a float.
constexpr float bfloat16_to_float(std::uint16_t bits) noexcept
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

constexpr std::uint16_t float_to_bfloat16(float value) noexcept
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return static_cast<std::uint16_t>(bits >> 16 | 0x40u);
    return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

} // namespace furiosa
