#include "device/cpu/winograd/winograd.hpp"

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

std::int64_t tile_count(const WinogradShape& shape);

/// How much is worked on at once, so that it stays in the second-level cache.
struct Blocks
{
    std::int64_t tiles;
    std::int64_t channels; ///< of the output; whole panels

    explicit Blocks(const WinogradShape& shape)
    {
        constexpr std::int64_t source_room = 192 * 1024; // elements
        constexpr std::int64_t products_room = 96 * 1024;
        constexpr std::int64_t unit = 12; // tiles that are multiplied together
        const auto inputs = std::max<std::int64_t>(whole_blocks(shape.in_channels), 1);
        tiles =
            std::clamp<std::int64_t>(source_room / (places(shape) * inputs) / unit * unit, unit, 8 * unit);
        tiles = std::max<std::int64_t>(std::min(tiles, tile_count(shape)), 1);
        const auto fit = products_room / (places(shape) * tiles) / winograd_panel * winograd_panel;
        channels = std::min(std::max(fit, winograd_panel), whole_blocks(shape.out_channels));
    }
};

std::int64_t tile_count(const WinogradShape& shape)
{
    return shape.images * divide_up(shape.out_height, shape.tile) * divide_up(shape.out_width, shape.tile);
}

/// Some floats more than needed, so that the same tile does not lie in the same cache set for every place.
std::ptrdiff_t place_size(std::int64_t tiles, std::int64_t channels)
{
    return tiles * whole_blocks(channels) + winograd_block;
}

WinogradRange make_range(const WinogradShape& shape, const Blocks& blocks, float* scratch)
{
    WinogradRange range;
    range.transformed_place = place_size(blocks.tiles, shape.in_channels);
    range.products_place = place_size(blocks.tiles, blocks.channels);
    range.transformed = scratch;
    range.products = scratch ? scratch + places(shape) * range.transformed_place : nullptr;
    return range;
}

std::size_t scratch_for_thread(const WinogradShape& shape)
{
    const auto range = make_range(shape, Blocks(shape), nullptr);
    return static_cast<std::size_t>(places(shape) * (range.transformed_place + range.products_place));
}

/// Calls `work` with the range set to one block of channels after the other.
template <class Work>
void for_channels(const WinogradShape& shape, const Blocks& blocks, WinogradRange& range, const Work& work)
{
    const auto all = whole_blocks(shape.out_channels);
    for (range.first_channel = 0; range.first_channel < all; range.first_channel += blocks.channels) {
        range.channels = std::min(blocks.channels, all - range.first_channel);
        work();
    }
}

void run_blocks(const WinogradShape& shape, const ImageTensors& tensors, float* scratch, std::int64_t first,
                std::int64_t last)
{
    const auto& kernels = *winograd_kernels(shape.tile, shape.stride);
    const Blocks blocks(shape);
    auto range = make_range(shape, blocks, scratch);
    const auto count = divide_up(last - first, blocks.tiles);
    for (std::int64_t i = 0; i != count; ++i) {
        range.first_tile = first + (last - first) * i / count;
        range.tiles = first + (last - first) * (i + 1) / count - range.first_tile;
        kernels.transform_source(shape, tensors, range, 0, range.tiles);
        for_channels(shape, blocks, range, [&] {
            kernels.multiply(shape, tensors, range, 0, places(shape));
            kernels.transform_products(shape, tensors, range, 0, range.tiles);
        });
    }
}

/// Whole panels, so that every thread of the team gets as many of them.
std::int64_t channels_of_part(const WinogradShape& shape, const Blocks& blocks, const Team& team)
{
    const auto panels = divide_up(shape.out_channels, winograd_panel);
    const auto rounds = divide_up(panels, divide_up(blocks.channels, winograd_panel) * team.size());
    return divide_up(panels, rounds * team.size()) * winograd_panel;
}

/// All threads work on the same tiles: each reads the weights of some channels only.
void run_together(const WinogradShape& shape, const ImageTensors& tensors, float* scratch, Team& team)
{
    const auto& kernels = *winograd_kernels(shape.tile, shape.stride);
    const Blocks blocks(shape);
    auto common = make_range(shape, blocks, scratch);
    const auto all = tile_count(shape);
    const auto own_channels = channels_of_part(shape, blocks, team);
    const auto panels = static_cast<int>(divide_up(shape.out_channels, own_channels));
    const auto own_products = places(shape) * common.products_place;
    for (; common.first_tile != all; common.first_tile += common.tiles) {
        common.tiles = std::min(blocks.tiles, all - common.first_tile);
        const auto parts = static_cast<int>(std::min<std::int64_t>(parts_for(team), common.tiles));
        team.run(parts, [&](int part, int) {
            kernels.transform_source(shape, tensors, common, common.tiles * part / parts,
                                     common.tiles * (part + 1) / parts);
        });
        team.run(panels, [&](int panel, int worker) {
            auto range = common;
            range.products += own_products * worker;
            range.first_channel = panel * own_channels;
            range.channels = std::min(own_channels, whole_blocks(shape.out_channels) - range.first_channel);
            kernels.multiply(shape, tensors, range, 0, places(shape));
            kernels.transform_products(shape, tensors, range, 0, range.tiles);
        });
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

void run_winograd(const WinogradShape& shape, const ImageTensors& tensors, float* scratch, Team& team)
{
    const auto tiles = tile_count(shape);
    if (tiles == 0 || shape.out_channels == 0)
        return;
    if (team.size() > 1 && tiles < 8 * Blocks(shape).tiles &&
        shape.out_channels >= 2 * winograd_panel * team.size())
        return run_together(shape, tensors, scratch, team);
    const auto own_scratch = scratch_for_thread(shape);
    const auto rounds = divide_up(tiles, Blocks(shape).tiles * team.size()); // of the team
    const auto parts = static_cast<int>(std::min<std::int64_t>(team.size() == 1 ? 1 : rounds * team.size(), tiles));
    team.run(parts, [&](int part, int worker) {
        run_blocks(shape, tensors, scratch + own_scratch * static_cast<std::size_t>(worker),
                   tiles * part / parts, tiles * (part + 1) / parts);
    });
}

} // namespace furiosa::device::cpu
