#include "device/cpu/winograd/kernels.hpp"
#include "device/cpu/winograd/winograd.hpp"

#include <algorithm>

namespace furiosa::device::cpu {

namespace {

// The filters at the points 0, 1, -1, (2, -2) and infinity.
constexpr double filter2[4][3] = {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}};
constexpr double filter4[6][3] = {{1. / 4, 0, 0},
                                  {-1. / 6, -1. / 6, -1. / 6},
                                  {-1. / 6, 1. / 6, -1. / 6},
                                  {1. / 24, 1. / 12, 1. / 6},
                                  {1. / 24, -1. / 12, 1. / 6},
                                  {0, 0, 1}};

// The outer taps at the points 0, 1, -1, 2 and infinity, then the middle one.
constexpr double filter4_stride2[6][3] = {
    {1. / 2, 0, 0}, {-1. / 2, 0, -1. / 2}, {-1. / 6, 0, 1. / 6}, {1. / 6, 0, 2. / 6}, {0, 0, 1}, {0, 1, 0}};

/// G g Gᵀ, for one pair of channels.
template <int Extent>
void transform(const double (&filter)[Extent][3], const float* kernel, double (&result)[Extent][Extent])
{
    double rows[Extent][3] = {};
    for (int y = 0; y != Extent; ++y)
        for (int x = 0; x != 3; ++x)
            for (int i = 0; i != 3; ++i)
                rows[y][x] += filter[y][i] * kernel[i * 3 + x];
    for (int y = 0; y != Extent; ++y)
        for (int x = 0; x != Extent; ++x) {
            result[y][x] = 0;
            for (int i = 0; i != 3; ++i)
                result[y][x] += rows[y][i] * filter[x][i];
        }
}

/// [place in the tile][panel][input channel][output channel of the panel]
template <int Extent>
void pack(const double (&filter)[Extent][3], std::int64_t in_channels, std::int64_t out_channels,
          const float* weights, float* packed)
{
    const auto inputs = whole_blocks(in_channels);
    const auto outputs = whole_blocks(out_channels);
    for (std::int64_t out = 0; out != out_channels; ++out) {
        const auto panel = out / winograd_panel * winograd_panel;
        const auto width = std::min(winograd_panel, outputs - panel);
        for (std::int64_t in = 0; in != in_channels; ++in) {
            double places[Extent][Extent];
            transform(filter, weights + (out * in_channels + in) * 9, places);
            auto* to = packed + panel * inputs + in * width + out - panel;
            for (const auto& row : places)
                for (const auto value : row) {
                    *to = static_cast<float>(value);
                    to += inputs * outputs;
                }
        }
    }
}

} // namespace

std::vector<float> pack_winograd_weights(int tile, int stride, std::int64_t in_channels,
                                         std::int64_t out_channels, std::span<const float> weights)
{
    std::vector<float> packed(winograd_weights_size(tile, in_channels, out_channels));
    if (stride == 2)
        pack(filter4_stride2, in_channels, out_channels, weights.data(), packed.data());
    else if (tile == 2)
        pack(filter2, in_channels, out_channels, weights.data(), packed.data());
    else
        pack(filter4, in_channels, out_channels, weights.data(), packed.data());
    return packed;
}

} // namespace furiosa::device::cpu
