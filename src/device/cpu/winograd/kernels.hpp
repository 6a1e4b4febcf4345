#pragma once

#include "device/cpu/winograd/winograd.hpp"

namespace furiosa::device::cpu {

/// Channels are worked on in blocks of as many as a vector holds; missing ones count as zero.
inline constexpr std::int64_t winograd_block = 16;
/// Packed weights hold columns of as many output channels together.
inline constexpr std::int64_t winograd_panel = 32;

/// The three parts of the algorithm on some of the tiles. `tile` counts over images, rows, columns.
struct WinogradRange
{
    std::int64_t first_tile = 0;
    std::int64_t tiles = 0;
    std::int64_t first_channel = 0; ///< of the output; whole panels
    std::int64_t channels = 0;
    float* transformed = nullptr;         ///< [place in the tile][tile][input channel]
    float* products = nullptr;            ///< [place in the tile][tile][output channel of the range]
    std::ptrdiff_t transformed_place = 0; ///< distance from place to place
    std::ptrdiff_t products_place = 0;
};

struct WinogradKernels
{
    void (*transform_source)(const WinogradShape&, const ImageTensors&, const WinogradRange&,
                             std::int64_t begin,
                             std::int64_t end); ///< tiles of the range
    void (*multiply)(const WinogradShape&, const ImageTensors&, const WinogradRange&, std::int64_t begin,
                     std::int64_t end); ///< places in the tile
    void (*transform_products)(const WinogradShape&, const ImageTensors&, const WinogradRange&,
                               std::int64_t begin,
                               std::int64_t end); ///< tiles of the range
};

/// For tiles of 2 or 4 and a stride of 1, and for tiles of 4 and a stride of 2; null where the processor
/// lacks AVX-512.
const WinogradKernels* winograd_kernels(int tile, int stride) noexcept;

/// Pixels of the source along each axis of a tile, and products.
constexpr std::int64_t winograd_extent(int tile, int stride)
{
    return stride == 2 ? 2 * tile + 1 : tile + 2;
}

constexpr std::int64_t whole_blocks(std::int64_t channels)
{
    return (channels + winograd_block - 1) / winograd_block * winograd_block;
}

} // namespace furiosa::device::cpu
