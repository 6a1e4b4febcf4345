#include "operators/checked_shape.hpp"
#include "operators/movement.hpp"
#include "operators/strided_copy.hpp"

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    const auto& x = question.input(0);
    const auto shape = checked_shape(question, question.attributes().integers("shape"));
    bool fits = x.shape.rank() <= shape.rank();
    for (std::size_t i = 0; fits && i != x.shape.rank(); ++i) {
        const auto wanted = shape[shape.rank() - x.shape.rank() + i];
        fits = x.shape[i] == 1 || x.shape[i] == wanted;
    }
    if (!fits)
        question.fail("{} does not broadcast to {}", to_string(x.shape), to_string(shape));
    return {{x.data_type, shape}};
}

void compute(const Work& work)
{
    copy_broadcast(work.inputs[0], work.outputs[0]);
}

} // namespace

const Definition expand{1, 1, 1, output_types, compute};

} // namespace furiosa::operators
