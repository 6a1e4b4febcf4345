#include "operators/broadcast.hpp"
#include "operators/combine.hpp"
#include "operators/element_types.hpp"
#include "operators/elementwise.hpp"
#include "operators/numeric.hpp"

namespace furiosa::operators {

namespace {

std::vector<TensorType> infer_variadic(const Question& question)
{
    using enum DataType;
    if (question.kind() == OpKind::max || question.kind() == OpKind::min)
        question.require_type(0, {float32, uint8, int8, int32, int64});
    else
        question.require_type(0, {float32});
    Shape shape = question.shape(0);
    for (std::size_t i = 1; i != question.input_count(); ++i) {
        question.require_same_type(i, question.type(0));
        const auto common = broadcast(shape, question.shape(i));
        if (!common)
            question.fail("input {} of shape {} does not broadcast with {}", i, to_string(question.shape(i)),
                          to_string(shape));
        shape = *common;
    }
    return {{question.type(0), shape}};
}

/// Folds the inputs into the output, one after the other.
template <class T, class Function>
void fold(const Work& work, Function function)
{
    T* out = stored<T>(work.outputs[0]);
    const auto& shape = work.outputs[0].shape();
    const auto& first = work.inputs[0];
    combine(stored<T>(first), first.shape(), stored<T>(first), first.shape(), out, shape,
            [](T a, T) { return a; });
    for (const auto& input : work.inputs.subspan(1))
        combine(out, shape, stored<T>(input), input.shape(), out, shape, function);
}

void evaluate_sum(const Work& work)
{
    fold<float>(work, [](float a, float b) { return a + b; });
    if (work.kind() != OpKind::mean)
        return;
    const auto count = static_cast<float>(work.inputs.size());
    for (auto& value : work.outputs[0].as<float>())
        value /= count;
}

void evaluate_variadic(const Work& work)
{
    if (work.kind() == OpKind::sum || work.kind() == OpKind::mean)
        return evaluate_sum(work);
    visit_type(work.inputs[0].data_type(), [&]<class T>(std::type_identity<T>) {
        if constexpr (std::is_same_v<T, bool>)
            return;
        else if (work.kind() == OpKind::max)
            fold<T>(work, Larger());
        else
            fold<T>(work, Smaller());
    });
}

} // namespace

const Definition variadic{1, SIZE_MAX, 1, infer_variadic, evaluate_variadic};

} // namespace furiosa::operators
