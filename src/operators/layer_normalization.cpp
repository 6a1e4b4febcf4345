#include "operators/broadcast.hpp"
#include "operators/checked_shape.hpp"
#include "operators/moments.hpp"
#include "operators/neural.hpp"
#include "operators/strided_copy.hpp"

#include <algorithm>
#include <cmath>

namespace furiosa::operators {

namespace {

Shape normalized_shape(const Shape& x, std::size_t axis)
{
    return Shape(x.extents().subspan(axis));
}

std::vector<TensorType> output_types(const Question& question)
{
    const auto& x = question.shape(0);
    const auto axis = question.axis("axis", static_cast<std::int64_t>(x.rank()) - 1, x.rank());
    const auto normalized = normalized_shape(x, axis);
    for (std::size_t i = 0; i != 3; ++i) {
        if (i == 2 && !question.has(i))
            continue;
        question.require_type(i, {DataType::float32});
        if (i != 0 && broadcast(question.shape(i), normalized) != normalized)
            question.fail("parameter {} of shape {} does not broadcast to {}", i,
                          to_string(question.shape(i)), to_string(normalized));
    }
    std::vector<std::int64_t> extents(x.begin(), x.end());
    std::fill(extents.begin() + static_cast<std::ptrdiff_t>(axis), extents.end(), 1);
    const TensorType moment{DataType::float32, checked_shape(question, extents)};
    return {{DataType::float32, x}, moment, moment};
}

/// A parameter broadcast to what is normalized; none is `otherwise` everywhere.
std::vector<float> broadcast_parameter(const Work& work, std::size_t index, const Shape& shape,
                                       float otherwise)
{
    std::vector<float> values(static_cast<std::size_t>(shape.element_count()), otherwise);
    if (work.has(index))
        copy_broadcast(work.inputs[index], TensorView(std::span(values), shape));
    return values;
}

void compute(const Work& work)
{
    const auto& shape = work.inputs[0].shape();
    const auto axis = static_cast<std::size_t>(
        work.attributes().integer("axis", static_cast<std::int64_t>(shape.rank()) - 1));
    const auto rows = static_cast<std::size_t>(count_of(shape, 0, axis));
    const auto normalized = normalized_shape(shape, axis);
    const auto size = normalized.element_count();
    if (rows == 0 || (size == 0 && !work.wants(1) && !work.wants(2)))
        return;
    const auto scale = broadcast_parameter(work, 1, normalized, 1);
    const auto bias = broadcast_parameter(work, 2, normalized, 0);
    const double epsilon = work.attributes().real("epsilon", 1e-5f);
    const auto* x = work.inputs[0].as<float>().data();
    auto* y = work.wants(0) ? work.outputs[0].as<float>().data() : nullptr;
    for (std::size_t row = 0; row != rows; ++row, x += size) {
        const auto [mean, variance] = moments_of(size, [=](std::int64_t i) { return double{x[i]}; });
        const double inverse = 1 / std::sqrt(variance + epsilon);
        if (work.wants(1))
            work.outputs[1].as<float>()[row] = static_cast<float>(mean);
        if (work.wants(2))
            work.outputs[2].as<float>()[row] = static_cast<float>(inverse);
        for (std::size_t i = 0; y && i != scale.size(); ++i)
            *y++ = static_cast<float>((x[i] - mean) * inverse * scale[i] + bias[i]);
    }
}

} // namespace

const Definition layer_normalization{2, 3, 3, output_types, compute};

} // namespace furiosa::operators
