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

/// A block of pixels with some of the panels.
void run_block(const PointwiseShape& shape, const ImageTensors& tensors, float* scratch, std::int64_t segment,
               std::int64_t begin, std::int64_t end, std::int64_t first_panel, std::int64_t last_panel)
{
    PointwiseRows rows;
    rows.count = end - begin;
    rows.source = tensors.source + offset_of(shape, shape.source, segment, begin);
    rows.source_step = shape.source.pixel;
    rows.destination = tensors.destination + offset_of(shape, shape.destination, segment, begin);
    rows.destination_step = shape.destination.pixel;
    if (tensors.residual) {
        rows.residual = tensors.residual + offset_of(shape, shape.residual, segment, begin);
        rows.residual_step = shape.residual.pixel;
    }
    if (needs_copy(shape) && rows.count > 1) {
        const auto step = copy_step(shape);
        for (std::int64_t i = 0; i != rows.count; ++i)
            std::copy_n(rows.source + i * rows.source_step, shape.in_channels, scratch + i * step);
        rows.source = scratch;
        rows.source_step = step;
    }
    pointwise_kernel()(shape, tensors, rows, first_panel, last_panel);
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
    const auto blocks_of_segment = divide_up(segments.length, rows_at_once(shape));
    const auto blocks = segments.count * blocks_of_segment;
    const auto own_scratch = rows_at_once(shape) * copy_step(shape);
    const auto wanted = parts_for(team);
    const bool by_panels = wanted > 1 && blocks < wanted && panels(shape) > blocks;
    const auto parts = static_cast<int>(std::min<std::int64_t>(wanted, by_panels ? panels(shape) : blocks));
    team.run(parts, [&](int part, int worker) {
        const auto first = by_panels ? 0 : blocks * part / parts;
        const auto last = by_panels ? blocks : blocks * (part + 1) / parts;
        const auto first_panel = by_panels ? panels(shape) * part / parts : 0;
        const auto last_panel = by_panels ? panels(shape) * (part + 1) / parts : panels(shape);
        for (auto block = first; block != last; ++block) {
            const auto i = block % blocks_of_segment;
            run_block(shape, tensors, scratch + worker * own_scratch, block / blocks_of_segment,
                      segments.length * i / blocks_of_segment, segments.length * (i + 1) / blocks_of_segment,
                      first_panel, last_panel);
        }
    });
}

} // namespace furiosa::device::cpu
