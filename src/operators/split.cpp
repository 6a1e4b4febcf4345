#include "operators/checked_shape.hpp"
#include "operators/movement.hpp"

#include <cstring>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    const auto& x = question.input(0);
    const auto axis = question.axis("axis", 0, x.shape.rank());
    auto rest = x.shape[axis];
    std::vector<std::int64_t> extents(x.shape.begin(), x.shape.end());
    std::vector<TensorType> types;
    for (const auto size : question.attributes().integers("split")) {
        if (size < 0 || size > rest)
            question.fail("a part of {} does not fit in axis {} of {}", size, axis, to_string(x.shape));
        rest -= size;
        extents[axis] = size;
        types.push_back({x.data_type, checked_shape(question, extents)});
    }
    if (rest != 0)
        question.fail("the parts leave {} of axis {} of {} over", rest, axis, to_string(x.shape));
    return types;
}

void compute(const Work& work)
{
    const auto& x = work.inputs[0];
    if (x.size_in_bytes() == 0)
        return;
    const auto axis = static_cast<std::size_t>(work.attributes().integer("axis"));
    const auto rows = static_cast<std::size_t>(count_of(x.shape(), 0, axis));
    const auto row = x.size_in_bytes() / rows;
    const auto unit = row / static_cast<std::size_t>(x.shape()[axis]);
    const auto sizes = work.integers("split");
    const auto* begin = x.data();
    for (std::size_t k = 0; k != sizes.size(); ++k) {
        const auto part = static_cast<std::size_t>(sizes[k]) * unit;
        for (std::size_t i = 0; part != 0 && work.wants(k) && i != rows; ++i)
            std::memcpy(work.outputs[k].data() + i * part, begin + i * row, part);
        begin += part;
    }
}

} // namespace

const Definition split{1, 1, SIZE_MAX, output_types, compute};

} // namespace furiosa::operators
