#include "device/cpu/activation_avx512.hpp"
#include "device/cpu/depthwise/kernels.hpp"

// Compiled for AVX-512: see vector_avx512.hpp.

namespace furiosa::device::cpu {

void depthwise_kernel_avx512(const DepthwiseShape&, const ImageTensors&, std::int64_t, std::int64_t);

namespace {

/// A row of the output, and the taps of the kernel that lie in the image there.
struct Row
{
    const float* source;   ///< of tap (0, 0) for the first pixel, which may lie outside
    const float* residual; ///< or null
    float* destination;
    std::int64_t first_tap_y; ///< rows of the kernel
    std::int64_t last_tap_y;
};

/// Taps along a row from `first` on, before `last`, that lie within `extent` when tap 0 is at `begin`.
struct Taps
{
    std::int64_t first;
    std::int64_t last;

    Taps(std::int64_t begin, std::int64_t dilation, std::int64_t count, std::int64_t extent)
        : first(0),
          last(count)
    {
        while (first != last && begin + first * dilation < 0)
            ++first;
        while (first != last && begin + (last - 1) * dilation >= extent)
            --last;
    }
};

Row row_of(const DepthwiseShape& shape, const ImageTensors& tensors, std::int64_t number)
{
    const auto image = number / shape.out_height;
    const auto y = number % shape.out_height;
    const auto top = y * shape.stride_y - shape.pad_top;
    const Taps taps(top, shape.dilation_y, shape.kernel_height, shape.in_height);
    Row row;
    row.source = tensors.source + image * shape.source.image + top * shape.source.row -
                 shape.pad_left * shape.source.pixel;
    row.residual =
        tensors.residual ? tensors.residual + image * shape.residual.image + y * shape.residual.row : nullptr;
    row.destination = tensors.destination + image * shape.destination.image + y * shape.destination.row;
    row.first_tap_y = taps.first;
    row.last_tap_y = taps.last;
    return row;
}

/// Some pixels, one behind the other from `x` on, that all have the taps of `taps`.
template <int Pixels>
void convolve(const DepthwiseShape& shape, const ImageTensors& tensors, const Row& row, std::int64_t x,
              const Taps& taps)
{
    const auto whole = (shape.channels + 15) / 16 * 16;
    const auto step = shape.stride_x * shape.source.pixel;
    for (std::int64_t channel = 0; channel < shape.channels; channel += 16) {
        const auto mask = first(shape.channels - channel);
        Vector sums[Pixels];
        for (auto& sum : sums)
            sum = tensors.bias ? load(tensors.bias + channel, mask) : Vector{};
        for (auto y = row.first_tap_y; y != row.last_tap_y; ++y) {
            const float* const line =
                row.source + y * shape.dilation_y * shape.source.row + x * step + channel;
            const float* const weights = tensors.weights + y * shape.kernel_width * whole + channel;
            for (auto tap = taps.first; tap != taps.last; ++tap) {
                const Vector weight = load(weights + tap * whole);
                const float* const from = line + tap * shape.dilation_x * shape.source.pixel;
#pragma GCC unroll 8
                for (int i = 0; i != Pixels; ++i)
                    sums[i] += weight * load(from + i * step, mask);
            }
        }
        for (int i = 0; i != Pixels; ++i) {
            if (row.residual)
                sums[i] += load(row.residual + (x + i) * shape.residual.pixel + channel, mask);
            store(row.destination + (x + i) * shape.destination.pixel + channel,
                  activate(shape.activation, sums[i]), mask);
        }
    }
}

void convolve_row(const DepthwiseShape& shape, const ImageTensors& tensors, const Row& row)
{
    const auto taps_at = [&](std::int64_t x) {
        return Taps(x * shape.stride_x - shape.pad_left, shape.dilation_x, shape.kernel_width,
                    shape.in_width);
    };
    const auto has_all = [&](std::int64_t x) {
        const auto taps = taps_at(x);
        return taps.first == 0 && taps.last == shape.kernel_width;
    };
    constexpr int most = 8;
    for (std::int64_t x = 0; x != shape.out_width;) {
        if (x + most <= shape.out_width && has_all(x) && has_all(x + most - 1)) {
            convolve<most>(shape, tensors, row, x, taps_at(x));
            x += most;
        } else if (x + 2 <= shape.out_width && has_all(x) && has_all(x + 1)) {
            convolve<2>(shape, tensors, row, x, taps_at(x));
            x += 2;
        } else {
            convolve<1>(shape, tensors, row, x, taps_at(x));
            ++x;
        }
    }
}

} // namespace

void depthwise_kernel_avx512(const DepthwiseShape& shape, const ImageTensors& tensors, std::int64_t first_row,
                             std::int64_t last_row)
{
    for (auto row = first_row; row != last_row; ++row)
        convolve_row(shape, tensors, row_of(shape, tensors, row));
}

} // namespace furiosa::device::cpu
