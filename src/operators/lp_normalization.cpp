#include "operators/checked_shape.hpp"
#include "operators/neural.hpp"

#include <cmath>

namespace furiosa::operators {

namespace {

std::size_t axis_of(const Attributes& attributes, const Shape& x)
{
    return static_cast<std::size_t>(attributes.integer("axis", static_cast<std::int64_t>(x.rank()) - 1));
}

std::vector<TensorType> output_types(const Question& question)
{
    question.require_type(0, {DataType::float32});
    const auto& x = question.shape(0);
    question.axis("axis", static_cast<std::int64_t>(x.rank()) - 1, x.rank());
    const auto p = question.attributes().integer("p", 2);
    if (p != 1 && p != 2)
        question.fail_with(errc::malformed_model, fmt::format("p is {} instead of 1 or 2", p));
    return {{DataType::float32, x}};
}

void compute(const Work& work)
{
    const auto& shape = work.inputs[0].shape();
    if (shape.element_count() == 0)
        return;
    const auto axis = axis_of(work.attributes(), shape);
    const bool squares = work.attributes().integer("p", 2) == 2;
    const auto length = shape[axis];
    const auto inner = count_of(shape, axis + 1, shape.rank());
    const auto* x = work.inputs[0].as<float>().data();
    auto* y = work.outputs[0].as<float>().data();
    for (std::int64_t line = 0; line != shape.element_count() / length; ++line) {
        const auto begin = line / inner * length * inner + line % inner;
        double norm = 0;
        for (std::int64_t i = 0; i != length; ++i) {
            const double value = x[begin + i * inner];
            norm += squares ? value * value : std::abs(value);
        }
        norm = squares ? std::sqrt(norm) : norm;
        for (std::int64_t i = 0; i != length; ++i) // of zeros remain zeros
            y[begin + i * inner] = norm == 0 ? 0.f : static_cast<float>(x[begin + i * inner] / norm);
    }
}

} // namespace

const Definition lp_normalization{1, 1, 1, output_types, compute};

} // namespace furiosa::operators
