#include "operators/checked_shape.hpp"
#include "operators/moments.hpp"
#include "operators/neural.hpp"

#include <cmath>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    const auto& x = question.shape(0);
    if (x.rank() < 3)
        question.fail("the input {} has no spatial axes", to_string(x));
    for (std::size_t i = 0; i != 3; ++i) {
        question.require_type(i, {DataType::float32});
        if (i != 0 && question.shape(i) != Shape{x[1]})
            question.fail("parameter {} does not have one number for each channel of {}", i, to_string(x));
    }
    return {{DataType::float32, x}};
}

void compute(const Work& work)
{
    const auto& shape = work.inputs[0].shape();
    if (shape.element_count() == 0)
        return;
    const auto size = count_of(shape, 2, shape.rank());
    const double epsilon = work.attributes().real("epsilon", 1e-5f);
    const auto* x = work.inputs[0].as<float>().data();
    auto* y = work.outputs[0].as<float>().data();
    for (std::int64_t plane = 0; plane != shape[0] * shape[1]; ++plane, x += size, y += size) {
        const auto channel = static_cast<std::size_t>(plane % shape[1]);
        const auto [mean, variance] = moments_of(size, [=](std::int64_t i) { return double{x[i]}; });
        const double scale = work.inputs[1].as<float>()[channel] / std::sqrt(variance + epsilon);
        const double bias = work.inputs[2].as<float>()[channel];
        for (std::int64_t i = 0; i != size; ++i)
            y[i] = static_cast<float>((x[i] - mean) * scale + bias);
    }
}

} // namespace

const Definition instance_normalization{3, 3, 1, output_types, compute};

} // namespace furiosa::operators
