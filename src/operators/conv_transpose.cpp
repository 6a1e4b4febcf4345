#include "operators/activation.hpp"
#include "operators/checked_shape.hpp"
#include "operators/neural.hpp"
#include "operators/spatial_axes.hpp"

#include <algorithm>
#include <vector>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    for (std::size_t i = 0; i != 3; ++i)
        if (i < 2 || question.has(i))
            question.require_type(i, {DataType::float32});
    require_spatial_axes(question);
    require_known_activation(question);
    const auto& x = question.shape(0);
    const auto& w = question.shape(1);
    if (w.rank() != x.rank())
        question.fail("the weights {} have another rank than the input {}", to_string(w), to_string(x));
    const auto kernel = question.attributes().integers("kernel_shape", {w.begin() + 2, w.end()});
    if (!std::equal(kernel.begin(), kernel.end(), w.begin() + 2, w.end()))
        question.fail("kernel_shape is not that of the weights {}", to_string(w));
    const auto group = question.attributes().integer("group", 1);
    if (group < 1 || x[1] % group != 0 || w[0] != x[1])
        question.fail("{} groups do not divide input {} and weights {}", group, to_string(x), to_string(w));
    const auto outputs = checked_product(question, w[1], group);
    if (question.has(2) && question.shape(2) != Shape{outputs})
        question.fail("the bias has shape {} instead of [{}]", to_string(question.shape(2)), outputs);
    const auto window = transposed_window_of(question.operation(), x, w);
    std::vector<std::int64_t> extents{x[0], outputs};
    extents.insert(extents.end(), window.output.begin(), window.output.end());
    return {{DataType::float32, checked_shape(question, extents)}};
}

/// Those of the window that slides over the output: the places where it stands are the elements of the input.
SpatialAxes axes_of(const Work& work)
{
    const auto& x = work.inputs[0].shape();
    auto window = transposed_window_of(work.operation, x, work.inputs[1].shape());
    window.output.assign(x.begin() + 2, x.end());
    return spatial_axes(window, work.outputs[0].shape());
}

/// Adds a plane of the input to a plane of the output, once for every tap of the kernel.
void scatter_plane(const SpatialAxes& axes, const float* x, const float* w, double* y)
{
    const auto& [depth, height, width] = axes;
    for (std::int64_t i = 0; i != depth.kernel; ++i)
        for (std::int64_t j = 0; j != height.kernel; ++j)
            for (std::int64_t k = 0; k != width.kernel; ++k) {
                const double weight = *w++;
                const auto planes = depth.outputs_inside(i);
                const auto rows = height.outputs_inside(j);
                const auto columns = width.outputs_inside(k);
                for (auto d = planes.first; d < planes.last; ++d)
                    for (auto h = rows.first; h < rows.last; ++h) {
                        const auto* from = x + (d * height.output + h) * width.output;
                        auto* to =
                            y + (depth.position(d, i) * height.extent + height.position(h, j)) * width.extent;
                        auto at = width.position(columns.first, k);
                        for (auto c = columns.first; c < columns.last; ++c, at += width.stride)
                            to[at] += weight * from[c];
                    }
            }
}

void compute(const Work& work)
{
    const auto& y = work.outputs[0];
    const auto& x = work.inputs[0];
    const auto& w = work.inputs[1];
    if (y.size_in_bytes() == 0)
        return;
    const auto axes = axes_of(work);
    const auto group = work.attributes().integer("group", 1);
    const auto channels = x.size_in_bytes() == 0 ? 0 : x.shape()[1] / group; // nothing to add but the bias
    const auto outputs = w.shape()[1];
    const auto taps = count_of(w.shape(), 2, w.shape().rank());
    const auto x_plane = count_of(x.shape(), 2, x.shape().rank());
    const auto y_plane = count_of(y.shape(), 2, y.shape().rank());
    std::vector<double> plane(static_cast<std::size_t>(y_plane));
    auto* out = y.as<float>().data();
    for (std::int64_t i = 0; i != y.shape()[0] * y.shape()[1]; ++i) {
        const auto image_and_group = i / outputs;
        const auto g = image_and_group % group;
        const auto output = i % outputs;
        std::ranges::fill(
            plane,
            work.has(2) ? work.inputs[2].as<float>()[static_cast<std::size_t>(g * outputs + output)] : 0.);
        for (std::int64_t c = 0; c != channels; ++c)
            scatter_plane(axes, x.as<float>().data() + (image_and_group * channels + c) * x_plane,
                          w.as<float>().data() + ((g * channels + c) * outputs + output) * taps,
                          plane.data());
        for (const double value : plane)
            *out++ = static_cast<float>(value);
    }
    activate(work.attributes(), y.as<float>());
}

} // namespace

const Definition conv_transpose{2, 3, 1, output_types, compute};

} // namespace furiosa::operators
