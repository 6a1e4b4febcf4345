#include "operators/checked_shape.hpp"
#include "operators/neural.hpp"

#include <algorithm>
#include <cmath>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    question.require_type(0, {DataType::float32});
    const auto& x = question.shape(0);
    question.axis("axis", static_cast<std::int64_t>(x.rank()) - 1, x.rank());
    return {{DataType::float32, x}};
}

/// One line of `length` elements, `step` apart. The largest is taken off first: exp does not overflow then.
void normalize_line(const float* x, float* y, std::int64_t length, std::int64_t step, bool logarithm)
{
    float largest = *x;
    for (std::int64_t i = 1; i != length; ++i)
        largest = std::max(largest, x[i * step]);
    double sum = 0;
    for (std::int64_t i = 0; i != length; ++i) {
        const float distance = x[i * step] - largest;
        const float power = std::exp(distance);
        sum += power;
        y[i * step] = logarithm ? distance : power;
    }
    const double logarithm_of_sum = std::log(sum);
    for (std::int64_t i = 0; i != length; ++i) {
        auto& value = y[i * step];
        value = static_cast<float>(logarithm ? value - logarithm_of_sum : value / sum);
    }
}

void compute(const Work& work)
{
    const auto& shape = work.inputs[0].shape();
    if (shape.element_count() == 0)
        return;
    const auto axis = static_cast<std::size_t>(
        work.attributes().integer("axis", static_cast<std::int64_t>(shape.rank()) - 1));
    const auto length = shape[axis];
    const auto inner = count_of(shape, axis + 1, shape.rank());
    const bool logarithm = work.kind() == OpKind::log_softmax;
    for (std::int64_t line = 0; line != shape.element_count() / length; ++line) {
        const auto begin = line / inner * length * inner + line % inner;
        normalize_line(work.inputs[0].as<float>().data() + begin, work.outputs[0].as<float>().data() + begin,
                       length, inner, logarithm);
    }
}

} // namespace

const Definition softmax{1, 1, 1, output_types, compute};

} // namespace furiosa::operators
