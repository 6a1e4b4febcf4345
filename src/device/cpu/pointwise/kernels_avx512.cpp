#include "device/cpu/activation_avx512.hpp"
#include "device/cpu/pointwise/kernels.hpp"

// Compiled for AVX-512: see vector_avx512.hpp.

namespace furiosa::device::cpu {

void pointwise_kernel_avx512(const PointwiseShape&, const ImageTensors&, const PointwiseRows&, std::int64_t,
                             std::int64_t);

namespace {

/// Bias, residual and activation of what was summed up for some rows.
template <int Rows, int Vectors>
inline void finish(const PointwiseShape& shape, const ImageTensors& tensors, const PointwiseRows& rows,
                   std::int64_t channel, Vector (&sums)[Rows][Vectors])
{
    for (int v = 0; v != Vectors; ++v) {
        const auto at = channel + v * 16;
        const auto mask = first(shape.out_channels - at);
        const Vector bias = tensors.bias ? load(tensors.bias + at, mask) : Vector{};
#pragma GCC unroll 16
        for (int row = 0; row != Rows; ++row) {
            Vector value = sums[row][v] + bias;
            if (rows.residual)
                value += load(rows.residual + row * rows.residual_step + at, mask);
            store(rows.destination + row * rows.destination_step + at, activate(shape.activation, value),
                  mask);
        }
    }
}

/// Rows x 16 Vectors elements of the product, in registers.
template <int Rows, int Vectors>
void multiply(const PointwiseShape& shape, const ImageTensors& tensors, const PointwiseRows& rows,
              const float* weights, const float* ahead, std::int64_t channel)
{
    const auto depth = shape.in_channels;
    const auto step = rows.source_step;
    const float* source = rows.source;
    Vector sums[Rows][Vectors] = {};
    for (std::int64_t k = 0; k != depth; ++k) {
        _mm_prefetch(reinterpret_cast<const char*>(ahead + k * 16), _MM_HINT_T1);
        Vector columns[Vectors];
        for (int v = 0; v != Vectors; ++v)
            columns[v] = load(weights + (k * Vectors + v) * 16);
#pragma GCC unroll 16
        for (int row = 0; row != Rows; ++row) {
            const Vector factor = broadcast(source[row * step + k]);
#pragma GCC unroll 2
            for (int v = 0; v != Vectors; ++v)
                sums[row][v] += factor * columns[v];
        }
    }
    finish(shape, tensors, rows, channel, sums);
}

using Multiply = void (*)(const PointwiseShape&, const ImageTensors&, const PointwiseRows&, const float*,
                          const float*, std::int64_t);

template <int Vectors>
constexpr Multiply multiply_some[pointwise_rows + 1] = {
    nullptr,
    multiply<1, Vectors>,
    multiply<2, Vectors>,
    multiply<3, Vectors>,
    multiply<4, Vectors>,
    multiply<5, Vectors>,
    multiply<6, Vectors>,
    multiply<7, Vectors>,
    multiply<8, Vectors>,
    multiply<9, Vectors>,
    multiply<10, Vectors>,
    multiply<11, Vectors>,
    multiply<12, Vectors>,
};

PointwiseRows part_of(const PointwiseRows& rows, std::int64_t from, std::int64_t to)
{
    auto part = rows;
    part.count = to - from;
    part.source += from * rows.source_step;
    part.destination += from * rows.destination_step;
    if (part.residual)
        part.residual += from * rows.residual_step;
    return part;
}

} // namespace

void pointwise_kernel_avx512(const PointwiseShape& shape, const ImageTensors& tensors,
                             const PointwiseRows& rows, std::int64_t first_panel, std::int64_t last_panel)
{
    const auto parts = (rows.count + pointwise_rows - 1) / pointwise_rows; // of about the same size
    for (auto panel = first_panel; panel != last_panel; ++panel) {
        const auto channel = panel * pointwise_panel;
        const float* const weights = tensors.weights + channel * shape.in_channels;
        const auto& kernels = shape.out_channels - channel > 16 ? multiply_some<2> : multiply_some<1>;
        for (std::int64_t i = 0; i != parts; ++i) {
            const auto from = rows.count * i / parts;
            const auto to = rows.count * (i + 1) / parts;
            // The weights of the next panel come from far away: each of two products calls for half of them.
            const float* const ahead = weights + (i < 2 ? 2 + i : 0) * 16 * shape.in_channels;
            kernels[to - from](shape, tensors, part_of(rows, from, to), weights, ahead, channel);
        }
    }
}

} // namespace furiosa::device::cpu
