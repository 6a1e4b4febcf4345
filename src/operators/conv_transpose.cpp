#include "operators/checked_shape.hpp"
#include "operators/neural.hpp"
#include "operators/spatial_axes.hpp"

#include <algorithm>

namespace furiosa::operators {

namespace {

constexpr std::int64_t largest_parameter = 1 << 20;

std::vector<std::int64_t> parameters(const Operation& operation, const char* name, std::size_t count,
                                     std::int64_t otherwise, std::int64_t least)
{
    const auto values = operation.attributes.integers(name, std::vector<std::int64_t>(count, otherwise));
    if (values.size() != count)
        throw_error(errc::malformed_model, "node '{}' (ConvTranspose): {} has {} numbers instead of {}",
                    operation.name, name, values.size(), count);
    for (const auto value : values)
        if (value < least || value > largest_parameter)
            throw_error(errc::malformed_model, "node '{}' (ConvTranspose): {} holds {}", operation.name, name,
                        value);
    return values;
}

/// The window that slides over the output: for each element of the input it stands at one place. Its `output`
/// are the extents of the input, `extents` become those of the output; ONNX, ConvTranspose, tells how.
Window transposed_window(const Operation& operation, const Shape& x, const Shape& w,
                         std::vector<std::int64_t>& extents)
{
    const auto count = x.rank() - 2;
    const auto wanted = operation.attributes.has("output_shape")
                            ? parameters(operation, "output_shape", count, 0, 0)
                            : std::vector<std::int64_t>();
    const auto output_padding = parameters(operation, "output_padding", count, 0, 0);
    const auto pads = parameters(operation, "pads", 2 * count, 0, 0);
    const auto auto_pad = operation.attributes.get<std::string>("auto_pad", "NOTSET");
    const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
    if (!same && auto_pad != "NOTSET" && auto_pad != "VALID" && !auto_pad.empty())
        throw_error(errc::malformed_model, "node '{}' (ConvTranspose): auto_pad is '{}'", operation.name,
                    auto_pad);
    Window window;
    window.kernel.assign(w.begin() + 2, w.end());
    window.strides = parameters(operation, "strides", count, 1, 1);
    window.dilations = parameters(operation, "dilations", count, 1, 1);
    window.output.assign(x.begin() + 2, x.end());
    extents.clear();
    for (std::size_t i = 0; i != count; ++i) {
        const auto extent = x[i + 2];
        if (extent > std::int64_t{1} << 32 || window.kernel[i] < 1 || window.kernel[i] > largest_parameter)
            throw_error(errc::invalid_shape,
                        "node '{}' (ConvTranspose): extents of input {} or weights {} are out of range",
                        operation.name, to_string(x), to_string(w));
        const auto span = (window.kernel[i] - 1) * window.dilations[i] + 1;
        const auto unpadded = window.strides[i] * (extent - 1) + output_padding[i] + span;
        if (!wanted.empty() || same) {
            extents.push_back(wanted.empty() ? extent * window.strides[i] : wanted[i]);
            const auto total = std::max<std::int64_t>(unpadded - extents[i], 0);
            window.pads_begin.push_back(auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2);
            window.pads_end.push_back(total - window.pads_begin[i]);
        } else {
            const bool valid = auto_pad == "VALID";
            window.pads_begin.push_back(valid ? 0 : pads[i]);
            window.pads_end.push_back(valid ? 0 : pads[i + count]);
            extents.push_back(unpadded - window.pads_begin[i] - window.pads_end[i]);
        }
    }
    return window;
}

std::vector<TensorType> output_types(const Question& question)
{
    for (std::size_t i = 0; i != 3; ++i)
        if (i < 2 || question.has(i))
            question.require_type(i, {DataType::float32});
    require_spatial_axes(question);
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
    std::vector<std::int64_t> spatial;
    transposed_window(question.operation(), x, w, spatial);
    std::vector<std::int64_t> extents{x[0], outputs};
    extents.insert(extents.end(), spatial.begin(), spatial.end());
    return {{DataType::float32, checked_shape(question, extents)}};
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
    std::vector<std::int64_t> spatial;
    const auto axes =
        spatial_axes(transposed_window(work.operation, x.shape(), w.shape(), spatial), y.shape());
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
}

} // namespace

const Definition conv_transpose{2, 3, 1, output_types, compute};

} // namespace furiosa::operators
