#include "operators/neural.hpp"
#include "operators/pool_types.hpp"

#include <limits>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    question.require_type(0, {DataType::float32, DataType::int8, DataType::uint8});
    const auto y = pooled_shape(question);
    return {{question.type(0), y}, {DataType::int64, y}};
}

/// The largest element of a window, the first of several, and where it stands; -1 if all of the window is
/// padding.
template <class T>
struct Largest
{
    T value = std::numeric_limits<T>::lowest();
    std::int64_t depth = -1, height = -1, width = -1;
};

template <class T>
Largest<T> largest_of_window(const SpatialAxes& axes, const T* plane, std::int64_t d, std::int64_t h,
                             std::int64_t w)
{
    const auto& [depth, height, width] = axes;
    const auto planes = depth.taps_inside(d), rows = height.taps_inside(h), columns = width.taps_inside(w);
    Largest<T> largest;
    for (auto i = planes.first; i < planes.last; ++i)
        for (auto j = rows.first; j < rows.last; ++j) {
            const auto z = depth.position(d, i), y = height.position(h, j);
            const auto* row = plane + (z * height.extent + y) * width.extent;
            for (auto k = columns.first; k < columns.last; ++k)
                if (const auto x = width.position(w, k); row[x] > largest.value || largest.width < 0)
                    largest = {row[x], z, y, x};
        }
    return largest;
}

template <class T>
void pool(const Work& work, const SpatialAxes& axes)
{
    const auto& shape = work.inputs[0].shape();
    const auto size = count_of(shape, 2, shape.rank());
    const bool by_columns = work.attributes().integer("storage_order") != 0;
    const auto* x = work.inputs[0].as<T>().data();
    auto* y = work.wants(0) ? work.outputs[0].as<T>().data() : nullptr;
    auto* indices = work.wants(1) ? work.outputs[1].as<std::int64_t>().data() : nullptr;
    const auto& [depth, height, width] = axes;
    for (std::int64_t i = 0; i != shape[0] * shape[1]; ++i)
        for (std::int64_t d = 0; d != depth.output; ++d)
            for (std::int64_t h = 0; h != height.output; ++h)
                for (std::int64_t w = 0; w != width.output; ++w) {
                    const auto largest = largest_of_window(axes, x + i * size, d, h, w);
                    if (y)
                        *y++ = largest.value;
                    if (!indices)
                        continue;
                    const auto in_plane =
                        by_columns
                            ? largest.depth + depth.extent * (largest.height + height.extent * largest.width)
                            : (largest.depth * height.extent + largest.height) * width.extent + largest.width;
                    *indices++ = largest.width < 0 ? -1 : i * size + in_plane;
                }
}

void compute(const Work& work)
{
    const auto& x = work.inputs[0];
    if (x.shape()[0] * x.shape()[1] == 0)
        return;
    const auto axes = spatial_axes(window_of(work.operation, x.shape(), {}), x.shape());
    switch (x.data_type()) {
    case DataType::int8:
        return pool<std::int8_t>(work, axes);
    case DataType::uint8:
        return pool<std::uint8_t>(work, axes);
    default:
        return pool<float>(work, axes);
    }
}

} // namespace

const Definition max_pool{1, 1, 2, output_types, compute};

} // namespace furiosa::operators
