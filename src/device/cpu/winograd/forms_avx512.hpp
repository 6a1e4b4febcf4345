#pragma once

#include "device/cpu/vector_avx512.hpp"

#include <algorithm>

// The one-dimensional transforms of each form of the algorithm, on values that lie `step` apart. The
// two-dimensional ones are these along the columns and then along the rows.

namespace furiosa::device::cpu {
namespace {

/// F(2, 3) at the points 0, 1, -1 and infinity.
struct Tile2
{
    static constexpr int tile = 2;   ///< pixels of the result
    static constexpr int stride = 1; ///< of the convolution
    static constexpr int extent = 4; ///< pixels of the source, and products
    static constexpr int filters = 4;

    static void transform_source(const Vector* d, int step, Vector* result, int result_step)
    {
        result[0] = d[0] - d[2 * step];
        result[result_step] = d[step] + d[2 * step];
        result[2 * result_step] = d[2 * step] - d[step];
        result[3 * result_step] = d[3 * step] - d[step];
    }

    static void transform_products(const Vector* m, int step, Vector* result, int result_step)
    {
        result[0] = m[0] + m[step] + m[2 * step];
        result[result_step] = m[step] - m[2 * step] + m[3 * step];
    }
};

/// F(4, 3) at the points 0, 1, -1, 2, -2 and infinity.
struct Tile4
{
    static constexpr int tile = 4;
    static constexpr int stride = 1;
    static constexpr int extent = 6;
    static constexpr int filters = 6;

    static void transform_source(const Vector* d, int step, Vector* result, int result_step)
    {
        const Vector even = d[4 * step] - 4.0f * d[2 * step];
        const Vector odd = d[3 * step] - 4.0f * d[step];
        const Vector even2 = d[4 * step] - d[2 * step];
        const Vector odd2 = 2.0f * (d[3 * step] - d[step]);
        result[0] = 4.0f * d[0] - 5.0f * d[2 * step] + d[4 * step];
        result[result_step] = even + odd;
        result[2 * result_step] = even - odd;
        result[3 * result_step] = even2 + odd2;
        result[4 * result_step] = even2 - odd2;
        result[5 * result_step] = 4.0f * d[step] - 5.0f * d[3 * step] + d[5 * step];
    }

    static void transform_products(const Vector* m, int step, Vector* result, int result_step)
    {
        const Vector sum = m[step] + m[2 * step];
        const Vector difference = m[step] - m[2 * step];
        const Vector sum2 = m[3 * step] + m[4 * step];
        const Vector difference2 = m[3 * step] - m[4 * step];
        result[0] = m[0] + sum + sum2;
        result[result_step] = difference + 2.0f * difference2;
        result[2 * result_step] = sum + 4.0f * sum2;
        result[3 * result_step] = difference + 8.0f * difference2 + m[5 * step];
    }
};

/// Of stride 2. The outer taps of a row meet pixels of even places only, the middle one those of odd places:
/// F(4, 2) at the points 0, 1, -1, 2 and infinity for the ones, plain products for the others. 81 products
/// where the definition has 144.
struct Tile4Stride2
{
    static constexpr int tile = 4;
    static constexpr int stride = 2;
    static constexpr int extent = 9;
    static constexpr int filters = 6; ///< the last belongs to the four products of odd places

    static void transform_source(const Vector* d, int step, Vector* result, int result_step)
    {
        const Vector d2 = d[2 * step], d4 = d[4 * step], d6 = d[6 * step];
        result[0] = 2.0f * (d[0] - d4) + d6 - d2;
        result[result_step] = d6 - d4 - 2.0f * d2;
        result[2 * result_step] = d6 - 3.0f * d4 + 2.0f * d2;
        result[3 * result_step] = d6 - d2;
        result[4 * result_step] = 2.0f * (d2 - d6) - d4 + d[8 * step];
        for (int i = 0; i != 4; ++i)
            result[(5 + i) * result_step] = d[(1 + 2 * i) * step];
    }

    static void transform_products(const Vector* m, int step, Vector* result, int result_step)
    {
        const Vector sum = m[step] + m[2 * step];
        const Vector difference = m[step] - m[2 * step];
        const Vector third = m[3 * step];
        result[0] = m[0] + sum + third + m[5 * step];
        result[result_step] = difference + 2.0f * third + m[6 * step];
        result[2 * result_step] = sum + 4.0f * third + m[7 * step];
        result[3 * result_step] = difference + 8.0f * third + m[4 * step] + m[8 * step];
    }
};

/// Which of the filters' transforms a product along one axis takes.
template <class Form>
constexpr int filter_of(int place)
{
    return std::min(place, Form::filters - 1);
}

} // namespace
} // namespace furiosa::device::cpu
