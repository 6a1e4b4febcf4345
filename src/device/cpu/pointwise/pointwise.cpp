#include "device/cpu/pointwise/pointwise.hpp"

#include "device/cpu/pointwise/kernels.hpp"

#include <algorithm>

namespace furiosa::device::cpu {

namespace {

constexpr std::int64_t vector_size = 16;

std::int64_t divide_up(std::int64_t a, std::int64_t b)
{
    return (a + b - 1) / b;
}

std::int64_t panels(const PointwiseShape& shape)
{
    return divide_up(shape.out_channels, pointwise_panel);
}

bool is_dense(const PointwiseShape& shape, const PixelStrides& strides)
{
    return strides.row == shape.width * strides.pixel && strides.image == shape.height * strides.row;
}

/// Pixels that follow each other at one distance: all of them, or those of a row.
struct Segments
{
    std::int64_t count;
    std::int64_t length;

    Segments(const PointwiseShape& shape, bool has_residual)
    {
        const bool dense = is_dense(shape, shape.source) && is_dense(shape, shape.destination) &&
                           (!has_residual || is_dense(shape, shape.residual));
        length = dense ? shape.images * shape.height * shape.width : shape.width;
        count = dense ? 1 : shape.images * shape.height;
    }
};

/// As many pixels as stay in the second-level cache while all weights are multiplied with them.
std::int64_t rows_at_once(const PointwiseShape& shape)
{
    constexpr std::int64_t room = 96 * 1024;
    const auto fit = room / std::max<std::int64_t>(shape.in_channels, 1) / pointwise_rows * pointwise_rows;
    return std::clamp<std::int64_t>(fit, 4 * pointwise_rows, 32 * pointwise_rows);
}

/// Rows whose distance is a multiple of this share few sets of the first-level cache: they are copied apart
/// first.
bool needs_copy(const PointwiseShape& shape)
{
    constexpr std::int64_t unlucky = 256;
    return shape.source.pixel % unlucky == 0;
}

std::int64_t copy_step(const PointwiseShape& shape)
{
    return divide_up(shape.in_channels, vector_size) * vector_size + vector_size;
}

std::ptrdiff_t offset_of(const PointwiseShape& shape, const PixelStrides& strides, std::int64_t segment,
                         std::int64_t pixel)
{
    return segment / shape.height * strides.image + segment % shape.height * strides.row +
           pixel * strides.pixel;
}

/// Some pixels of a segment.
struct Block
{
    std::int64_t segment;
    std::int64_t begin;
    std::int64_t end;
};

PointwiseRows rows_of(const PointwiseShape& shape, const ImageTensors& tensors, const Block& block)
{
    PointwiseRows rows;
    rows.count = block.end - block.begin;
    rows.source = tensors.source + offset_of(shape, shape.source, block.segment, block.begin);
    rows.source_step = shape.source.pixel;
    rows.destination = tensors.destination + offset_of(shape, shape.destination, block.segment, block.begin);
    rows.destination_step = shape.destination.pixel;
    if (tensors.residual) {
        rows.residual = tensors.residual + offset_of(shape, shape.residual, block.segment, block.begin);
        rows.residual_step = shape.residual.pixel;
    }
    return rows;
}

void copy_rows(const PointwiseShape& shape, const PointwiseRows& rows, float* copy, std::int64_t begin,
               std::int64_t end)
{
    for (auto i = begin; i != end; ++i)
        std::copy_n(rows.source + i * rows.source_step, shape.in_channels, copy + i * copy_step(shape));
}

void read_copy(const PointwiseShape& shape, PointwiseRows& rows, const float* copy)
{
    rows.source = copy;
    rows.source_step = copy_step(shape);
}

/// All threads work on the same pixels: each reads the weights of some panels only.
void run_together(const PointwiseShape& shape, const ImageTensors& tensors, float* scratch, Team& team,
                  const Block& block)
{
    auto rows = rows_of(shape, tensors, block);
    if (needs_copy(shape) && rows.count > 1) {
        const auto parts = static_cast<int>(std::min<std::int64_t>(parts_for(team), rows.count));
        team.run(parts, [&](int part, int) {
            copy_rows(shape, rows, scratch, rows.count * part / parts, rows.count * (part + 1) / parts);
        });
        read_copy(shape, rows, scratch);
    }
    const auto all = panels(shape);
    const auto parts = static_cast<int>(std::min<std::int64_t>(parts_for(team), all));
    team.run(parts, [&](int part, int) {
        pointwise_kernel()(shape, tensors, rows, all * part / parts, all * (part + 1) / parts);
    });
}

void run_alone(const PointwiseShape& shape, const ImageTensors& tensors, float* scratch, const Block& block)
{
    auto rows = rows_of(shape, tensors, block);
    if (needs_copy(shape) && rows.count > 1) {
        copy_rows(shape, rows, scratch, 0, rows.count);
        read_copy(shape, rows, scratch);
    }
    pointwise_kernel()(shape, tensors, rows, 0, panels(shape));
}

/// Do all threads work on the same pixels, for the sake of the weights, of which then not everyone reads all? Each on
/// its own keeps what it made in its own cache.
bool works_together(const PointwiseShape& shape, std::int64_t pixels, int parts)
{
    const auto weights = shape.in_channels * shape.out_channels;
    constexpr std::int64_t many_weights = 128 * 1024;
    constexpr std::int64_t most_weights = 512 * 1024; // beyond the second-level cache anyway
    const auto few_pixels = 32 * parts;
    return parts > 1 && pixels < parts * rows_at_once(shape) &&
           (weights >= most_weights || (weights >= many_weights && pixels < few_pixels));
}

} // namespace

bool has_pointwise() noexcept
{
    return pointwise_kernel() != nullptr;
}

std::size_t pointwise_weights_size(std::int64_t in_channels, std::int64_t out_channels)
{
    return static_cast<std::size_t>(in_channels * divide_up(out_channels, vector_size) * vector_size);
}

std::vector<float> pack_pointwise_weights(std::int64_t in_channels, std::int64_t out_channels,
                                          std::span<const float> weights)
{
    std::vector<float> packed(pointwise_weights_size(in_channels, out_channels));
    const auto whole = divide_up(out_channels, vector_size) * vector_size;
    for (std::int64_t out = 0; out != out_channels; ++out) {
        const auto panel = out / pointwise_panel * pointwise_panel;
        const auto width = std::min(pointwise_panel, whole - panel);
        for (std::int64_t in = 0; in != in_channels; ++in)
            packed[static_cast<std::size_t>(panel * in_channels + in * width + out - panel)] =
                weights[static_cast<std::size_t>(out * in_channels + in)];
    }
    return packed;
}

std::size_t pointwise_scratch_size(const PointwiseShape& shape, int threads)
{
    return needs_copy(shape) ? static_cast<std::size_t>(threads * rows_at_once(shape) * copy_step(shape)) : 0;
}

void run_pointwise(const PointwiseShape& shape, const ImageTensors& tensors, float* scratch, Team& team)
{
    const Segments segments(shape, tensors.residual != nullptr);
    if (segments.count == 0 || segments.length == 0)
        return;
    const auto wanted = parts_for(team);
    const bool together = works_together(shape, segments.count * segments.length, wanted);
    auto most = rows_at_once(shape);
    if (!together)
        most = std::clamp(divide_up(segments.length * segments.count, wanted), std::min(pointwise_rows, most),
                          most);
    const auto of_segment = divide_up(segments.length, most);
    const auto block = [&](std::int64_t number) {
        const auto i = number % of_segment;
        return Block{number / of_segment, segments.length * i / of_segment,
                     segments.length * (i + 1) / of_segment};
    };
    const auto blocks = segments.count * of_segment;
    if (together) {
        for (std::int64_t number = 0; number != blocks; ++number)
            run_together(shape, tensors, scratch, team, block(number));
        return;
    }
    const auto own_scratch = needs_copy(shape) ? rows_at_once(shape) * copy_step(shape) : 0;
    const auto parts = static_cast<int>(std::min<std::int64_t>(blocks, team.size() == 1 ? 1 : 64 * wanted));
    team.run(parts, [&](int part, int worker) {
        for (auto number = blocks * part / parts; number != blocks * (part + 1) / parts; ++number)
            run_alone(shape, tensors, scratch + worker * own_scratch, block(number));
    });
}

} // namespace furiosa::device::cpu
