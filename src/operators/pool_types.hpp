#pragma once

#include "operators/checked_shape.hpp"
#include "operators/spatial_axes.hpp"

namespace furiosa::operators {

/// The shape of what AveragePool or MaxPool makes of input 0.
inline Shape pooled_shape(const Question& question)
{
    require_spatial_axes(question);
    if (!question.attributes().has("kernel_shape"))
        question.fail_with(errc::malformed_model, "kernel_shape is missing");
    const auto& x = question.shape(0);
    const auto window = window_of(question.operation(), x, {});
    for (std::size_t i = 0; i != window.kernel.size(); ++i) {
        const auto span = (window.kernel[i] - 1) * window.dilations[i] + 1;
        if (window.pads_begin[i] >= span || window.pads_end[i] >= span)
            question.fail("the padding is as wide as the window");
    }
    std::vector<std::int64_t> extents{x[0], x[1]};
    extents.insert(extents.end(), window.output.begin(), window.output.end());
    return checked_shape(question, extents);
}

} // namespace furiosa::operators
