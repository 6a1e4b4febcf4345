#pragma once

// For files that are compiled for AVX-512 only. Everything is in an unnamed namespace, so that no function
// made here can stand in for one of the same name that must run everywhere.

#include <cstddef>
#include <cstdint>
#include <immintrin.h>

namespace furiosa::device::cpu {
namespace {

/// Sixteen floats; arithmetic is by element.
using Vector = float __attribute__((vector_size(64)));
using Mask = __mmask16;

inline Vector broadcast(float value)
{
    return (Vector)_mm512_set1_ps(value);
}

inline Vector load(const float* from)
{
    return (Vector)_mm512_loadu_ps(from);
}

/// Elements that the mask leaves out are zero, and not touched.
inline Vector load(const float* from, Mask mask)
{
    return (Vector)_mm512_maskz_loadu_ps(mask, from);
}

inline void store(float* to, Vector value)
{
    _mm512_storeu_ps(to, (__m512)value);
}

inline void store(float* to, Vector value, Mask mask)
{
    _mm512_mask_storeu_ps(to, mask, (__m512)value);
}

inline Vector maximum(Vector a, Vector b)
{
    return (Vector)_mm512_max_ps((__m512)a, (__m512)b);
}

inline Vector minimum(Vector a, Vector b)
{
    return (Vector)_mm512_min_ps((__m512)a, (__m512)b);
}

/// The first `count` of sixteen.
inline Mask first(std::int64_t count)
{
    return static_cast<Mask>(count >= 16 ? 0xffffu : (1u << count) - 1);
}

/// e^x to about two units in the last place: 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2].
inline Vector exponential(Vector x)
{
    // NaN stays what it is: the second operand of both comparisons wins.
    x = minimum(broadcast(88.8f), maximum(broadcast(-104.0f), x));
    const Vector n = (Vector)_mm512_roundscale_ps((__m512)(x * 1.44269504f),
                                                  _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    Vector r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    // Taylor's series serves: the argument is below 0.35.
    Vector p = broadcast(1.0f / 720);
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    return (Vector)_mm512_scalef_ps((__m512)p, (__m512)n);
}

} // namespace
} // namespace furiosa::device::cpu
