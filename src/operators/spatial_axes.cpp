#include "operators/spatial_axes.hpp"

#include <algorithm>

namespace furiosa::operators {

IndexRange SpatialAxis::taps_before(std::int64_t at, std::int64_t end) const
{
    const auto start = position(at, 0);
    const auto last = start >= end ? 0 : std::min(kernel, (end - 1 - start) / dilation + 1);
    const auto first = start >= 0 ? 0 : (dilation - 1 - start) / dilation;
    return {std::min(first, last), last};
}

std::int64_t SpatialAxis::taps_with_padding(std::int64_t at) const
{
    return taps_before(at, extent + pad_end).last; // nothing lies before the padding
}

IndexRange SpatialAxis::outputs_inside(std::int64_t tap) const
{
    const auto start = position(0, tap);
    const auto last = start >= extent ? 0 : std::min(output, (extent - 1 - start) / stride + 1);
    const auto first = start >= 0 ? 0 : (stride - 1 - start) / stride;
    return {std::min(first, last), last};
}

SpatialAxes spatial_axes(const Window& window, const Shape& input)
{
    SpatialAxes axes;
    const auto missing = axes.size() - window.kernel.size();
    for (std::size_t i = 0; i != window.kernel.size(); ++i)
        axes[missing + i] = {input[i + 2],         window.kernel[i],   window.strides[i], window.dilations[i],
                             window.pads_begin[i], window.pads_end[i], window.output[i]};
    return axes;
}

void require_spatial_axes(const Question& question)
{
    const auto rank = question.shape(0).rank();
    if (rank < 3 || rank > 5)
        question.fail_with(
            rank < 3 ? errc::invalid_shape : errc::unsupported_operator,
            fmt::format("an input {} of another rank than 3, 4 or 5", to_string(question.shape(0))));
}

} // namespace furiosa::operators
