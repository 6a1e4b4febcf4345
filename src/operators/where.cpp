#include "operators/broadcast.hpp"
#include "operators/element_types.hpp"
#include "operators/elementwise.hpp"
#include "operators/numeric.hpp"
#include "operators/strided.hpp"

namespace furiosa::operators {

namespace {

std::vector<TensorType> infer_where(const Question& question)
{
    question.require_same_type(0, DataType::boolean);
    question.require_same_type(2, question.type(1));
    const auto values = broadcast(question.shape(1), question.shape(2));
    const auto shape = values ? broadcast(question.shape(0), *values) : std::nullopt;
    if (!shape)
        question.fail("shapes {}, {} and {} do not broadcast", to_string(question.shape(0)),
                      to_string(question.shape(1)), to_string(question.shape(2)));
    return {{question.type(1), *shape}};
}

template <class T>
void choose(const Work& work)
{
    const auto& shape = work.outputs[0].shape();
    const auto strides = [&](std::size_t input) {
        return broadcast_strides(work.inputs[input].shape(), shape);
    };
    const StridedSpace<4> space(shape.extents(), {strides(0), strides(1), strides(2), dense_strides(shape)});
    const auto* condition = stored<bool>(work.inputs[0]);
    const auto* x = reinterpret_cast<const T*>(work.inputs[1].data());
    const auto* y = reinterpret_cast<const T*>(work.inputs[2].data());
    auto* out = reinterpret_cast<T*>(work.outputs[0].data());
    space.for_each_row([&](const auto& offsets) {
        for (std::int64_t i = 0; i != space.row_length(); ++i)
            out[offsets[3] + i] = condition[offsets[0] + i * space.step(0)] != 0
                                      ? x[offsets[1] + i * space.step(1)]
                                      : y[offsets[2] + i * space.step(2)];
    });
}

void evaluate_where(const Work& work)
{
    visit_size(work.outputs[0].data_type(), [&]<class T>(std::type_identity<T>) { choose<T>(work); });
}

} // namespace

const Definition where{3, 3, 1, infer_where, evaluate_where};

} // namespace furiosa::operators
