#pragma once

#include "device/cpu/image.hpp"
#include "device/cpu/team.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace furiosa::device::cpu {

// Convolutions of 3 x 3 with stride 1 by Winograd's minimal filtering, F(m x m, 3 x 3): tiles of (m + 2)²
// pixels are transformed, multiplied for each place in the tile by a matrix of the channels, and transformed
// back to m² pixels. That takes (m + 2)² multiplications where the definition takes 9 m²: 2.25 times fewer
// with m = 2, 4 times with m = 4. The rounding error grows with m: about 1e-7 with m = 2, 1e-6 with m = 4.
//
struct WinogradShape
{
    int tile = 4;   ///< m: 2 or 4
    int stride = 1; ///< 1, or 2 with tiles of 4
    std::int64_t images = 1;
    std::int64_t in_channels = 0;
    std::int64_t out_channels = 0;
    std::int64_t in_height = 0;
    std::int64_t in_width = 0;
    std::int64_t out_height = 0;
    std::int64_t out_width = 0;
    std::int64_t pad_top = 0;
    std::int64_t pad_left = 0;
    PixelStrides source;
    PixelStrides destination;
    PixelStrides residual;
    FusedActivation activation;
};

/// m of the attribute "algorithm": "winograd2", "winograd4"; 0 for others.
int winograd_tile(std::string_view algorithm);

/// Does this machine have what the kernels are written for (AVX-512)?
bool has_winograd() noexcept;

std::size_t winograd_weights_size(int tile, std::int64_t in_channels, std::int64_t out_channels);

/// Transforms weights [out][in][3][3] for a stride of 1 or 2.
std::vector<float> pack_winograd_weights(int tile, int stride, std::int64_t in_channels,
                                         std::int64_t out_channels, std::span<const float> weights);

/// Elements of scratch memory, aligned to 64 bytes, that a run on so many threads takes.
std::size_t winograd_scratch_size(const WinogradShape& shape, int threads);

void run_winograd(const WinogradShape& shape, const ImageTensors& tensors, float* scratch, Team& team);

} // namespace furiosa::device::cpu
