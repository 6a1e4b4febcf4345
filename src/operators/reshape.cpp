#include "operators/checked_shape.hpp"
#include "operators/movement.hpp"

#include <cstring>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    const auto& x = question.input(0);
    const auto shape = checked_shape(question, question.attributes().integers("shape"));
    if (shape.element_count() != x.shape.element_count())
        question.fail("{} has {} elements, {} has {}", to_string(x.shape), x.shape.element_count(),
                      to_string(shape), shape.element_count());
    return {{x.data_type, shape}};
}

void compute(const Work& work)
{
    if (const auto size = work.outputs[0].size_in_bytes())
        std::memcpy(work.outputs[0].data(), work.inputs[0].data(), size);
}

} // namespace

const Definition reshape{1, 1, 1, output_types, compute};

} // namespace furiosa::operators
