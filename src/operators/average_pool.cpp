#include "operators/checked_shape.hpp"
#include "operators/neural.hpp"
#include "operators/pool_types.hpp"

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    question.require_type(0, {DataType::float32});
    return {{DataType::float32, pooled_shape(question)}};
}

double sum_of_window(const SpatialAxes& axes, const float* plane, std::int64_t d, std::int64_t h,
                     std::int64_t w)
{
    const auto& [depth, height, width] = axes;
    const auto planes = depth.taps_inside(d), rows = height.taps_inside(h), columns = width.taps_inside(w);
    double sum = 0;
    for (auto i = planes.first; i < planes.last; ++i)
        for (auto j = rows.first; j < rows.last; ++j) {
            const auto* row =
                plane + (depth.position(d, i) * height.extent + height.position(h, j)) * width.extent;
            for (auto k = columns.first; k < columns.last; ++k)
                sum += row[width.position(w, k)];
        }
    return sum;
}

/// How many elements a window averages: those of the padding only if they are asked for, those behind it,
/// where ceil_mode lets a window reach, never.
std::int64_t count_in_window(const SpatialAxes& axes, std::array<std::int64_t, 3> at, bool with_padding)
{
    std::int64_t count = 1;
    for (std::size_t i = 0; i != axes.size(); ++i)
        count *= with_padding ? axes[i].taps_with_padding(at[i]) : axes[i].taps_inside(at[i]).size();
    return count;
}

void compute(const Work& work)
{
    const auto& x = work.inputs[0];
    const auto& y = work.outputs[0];
    if (y.size_in_bytes() == 0)
        return;
    const auto axes = spatial_axes(window_of(work.operation, x.shape(), {}), x.shape());
    const bool with_padding = work.attributes().integer("count_include_pad") != 0;
    const auto size = count_of(x.shape(), 2, x.shape().rank());
    const auto* plane = x.as<float>().data();
    auto* out = y.as<float>().data();
    for (std::int64_t i = 0; i != x.shape()[0] * x.shape()[1]; ++i, plane += size)
        for (std::int64_t d = 0; d != axes[0].output; ++d)
            for (std::int64_t h = 0; h != axes[1].output; ++h)
                for (std::int64_t w = 0; w != axes[2].output; ++w) {
                    const auto count = count_in_window(axes, {d, h, w}, with_padding);
                    const auto sum = sum_of_window(axes, plane, d, h, w);
                    *out++ = count == 0 ? 0.f : static_cast<float>(sum / static_cast<double>(count));
                }
}

} // namespace

const Definition average_pool{1, 1, 1, output_types, compute};

} // namespace furiosa::operators
