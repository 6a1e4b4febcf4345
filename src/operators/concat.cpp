#include "operators/checked_shape.hpp"
#include "operators/movement.hpp"

#include <cstring>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    const auto& first = question.input(0);
    const auto axis = question.axis("axis", 0, first.shape.rank());
    std::vector<std::int64_t> extents(first.shape.begin(), first.shape.end());
    for (std::size_t i = 1; i < question.input_count(); ++i) {
        question.require_same_type(i, first.data_type);
        const auto& shape = question.shape(i);
        bool fits = shape.rank() == extents.size();
        for (std::size_t k = 0; fits && k != extents.size(); ++k)
            fits = k == axis || shape[k] == extents[k];
        if (!fits)
            question.fail("{} and {} differ in more than axis {}", to_string(first.shape), to_string(shape),
                          axis);
        if (shape[axis] > INT64_MAX - extents[axis])
            question.fail("the inputs are too long together");
        extents[axis] += shape[axis];
    }
    return {{first.data_type, checked_shape(question, extents)}};
}

void compute(const Work& work)
{
    const auto& output = work.outputs[0];
    if (output.size_in_bytes() == 0)
        return;
    const auto axis = static_cast<std::size_t>(work.attributes().integer("axis"));
    const auto rows = count_of(output.shape(), 0, axis);
    const auto row = output.size_in_bytes() / static_cast<std::size_t>(rows);
    auto* begin = output.data();
    for (const auto& input : work.inputs) {
        const auto part = input.size_in_bytes() / static_cast<std::size_t>(rows);
        if (part == 0)
            continue;
        for (std::size_t i = 0; i != static_cast<std::size_t>(rows); ++i)
            std::memcpy(begin + i * row, input.data() + i * part, part);
        begin += part;
    }
}

} // namespace

const Definition concat{1, SIZE_MAX, 1, output_types, compute};

} // namespace furiosa::operators
