#include "device/cpu/winograd/winograd.hpp"

#include "device/cpu/parallel.hpp"
#include "device/cpu/winograd/kernels.hpp"

#include <algorithm>

namespace furiosa::device::cpu {

namespace {

std::int64_t divide_up(std::int64_t a, std::int64_t b)
{
    return (a + b - 1) / b;
}

/// Products of a tile.
std::int64_t places(const WinogradShape& shape)
{
    const auto extent = winograd_extent(shape.tile, shape.stride);
    return extent * extent;
}

std::int64_t tile_count(const WinogradShape& shape)
{
    return shape.images * divide_up(shape.out_height, shape.tile) * divide_up(shape.out_width, shape.tile);
}

/// As many tiles as keep their transforms in the second-level cache, more or less.
std::int64_t tiles_at_once(const WinogradShape& shape)
{
    constexpr std::int64_t room = 512 * 1024;
    const auto for_each_tile =
        places(shape) * (whole_blocks(shape.in_channels) + whole_blocks(shape.out_channels));
    const auto fit =
        std::clamp<std::int64_t>(room / std::max<std::int64_t>(for_each_tile, 1) / 12 * 12, 24, 96);
    return std::max<std::int64_t>(std::min(fit, tile_count(shape)), 1);
}

/// Some floats more than needed, so that the same tile does not lie in the same cache set for every place.
std::ptrdiff_t place_size(std::int64_t tiles, std::int64_t channels)
{
    return tiles * whole_blocks(channels) + winograd_block;
}

WinogradRange make_range(const WinogradShape& shape, float* scratch)
{
    WinogradRange range;
    range.transformed_place = place_size(tiles_at_once(shape), shape.in_channels);
    range.products_place = place_size(tiles_at_once(shape), shape.out_channels);
    range.transformed = scratch;
    range.products = scratch + places(shape) * range.transformed_place;
    return range;
}

std::size_t scratch_for_thread(const WinogradShape& shape)
{
    const auto range = make_range(shape, nullptr);
    return static_cast<std::size_t>(places(shape) * (range.transformed_place + range.products_place));
}

void run_blocks(const WinogradShape& shape, const ImageTensors& tensors, float* scratch, std::int64_t first,
                std::int64_t last)
{
    const auto& kernels = *winograd_kernels(shape.tile, shape.stride);
    auto range = make_range(shape, scratch);
    const auto blocks = divide_up(last - first, tiles_at_once(shape));
    for (std::int64_t i = 0; i != blocks; ++i) {
        range.first_tile = first + (last - first) * i / blocks;
        range.tiles = first + (last - first) * (i + 1) / blocks - range.first_tile;
        kernels.transform_source(shape, tensors, range, 0, range.tiles);
        kernels.multiply(shape, tensors, range, 0, places(shape));
        kernels.transform_products(shape, tensors, range, 0, range.tiles);
    }
}

/// All threads work on the same tiles: each reads a part of the weights only.
void run_together(const WinogradShape& shape, const ImageTensors& tensors, float* scratch, int threads)
{
    const auto& kernels = *winograd_kernels(shape.tile, shape.stride);
    auto range = make_range(shape, scratch);
    const auto all = tile_count(shape);
    const auto share = [](auto kernel, const auto&... arguments) {
        return [=, &arguments...](std::int64_t count) {
            return [=, &arguments...](int part, int parts) {
                kernel(arguments..., count * part / parts, count * (part + 1) / parts);
            };
        };
    };
    for (range.first_tile = 0; range.first_tile != all; range.first_tile += range.tiles) {
        range.tiles = std::min(tiles_at_once(shape), all - range.first_tile);
        parallel(threads, share(kernels.transform_source, shape, tensors, range)(range.tiles));
        parallel(threads, share(kernels.multiply, shape, tensors, range)(places(shape)));
        parallel(threads, share(kernels.transform_products, shape, tensors, range)(range.tiles));
    }
}

} // namespace

bool has_winograd() noexcept
{
    return winograd_kernels(4, 1) != nullptr;
}

std::size_t winograd_weights_size(int tile, std::int64_t in_channels, std::int64_t out_channels)
{
    return static_cast<std::size_t>((tile + 2) * (tile + 2) * whole_blocks(in_channels) *
                                    whole_blocks(out_channels));
}

std::size_t winograd_scratch_size(const WinogradShape& shape, int threads)
{
    return scratch_for_thread(shape) * static_cast<std::size_t>(threads);
}

void run_winograd(const WinogradShape& shape, const ImageTensors& tensors, float* scratch, int threads)
{
    const auto tiles = tile_count(shape);
    if (tiles == 0 || shape.out_channels == 0)
        return;
    if (threads > 1 && tiles < 4 * tiles_at_once(shape))
        return run_together(shape, tensors, scratch, threads);
    const auto own_scratch = scratch_for_thread(shape);
    parallel(threads, [&](int part, int parts) {
        run_blocks(shape, tensors, scratch + own_scratch * static_cast<std::size_t>(part),
                   tiles * part / parts, tiles * (part + 1) / parts);
    });
}

} // namespace furiosa::device::cpu
