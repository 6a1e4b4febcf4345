#include "operators/element_types.hpp"
#include "operators/elementwise.hpp"
#include "operators/numeric.hpp"

namespace furiosa::operators {

namespace {

std::vector<TensorType> infer_clip(const Question& question)
{
    using enum DataType;
    question.require_type(0, {float32, uint8, int8, int32, int64});
    for (const std::size_t bound : {1, 2})
        if (question.has(bound)) {
            question.require_same_type(bound, question.type(0));
            question.require_scalar(bound);
        }
    if (question.type(0) != float32 && (question.attributes().has("min") || question.attributes().has("max")))
        question.fail_with(errc::unsupported_operator, "the attributes min and max are for float32 only");
    return {question.input(0)};
}

/// An input comes before the attribute.
template <class T>
T bound(const Work& work, std::size_t input, const char* attribute, T otherwise)
{
    if (work.has(input))
        return *stored<T>(work.inputs[input]);
    if constexpr (std::is_same_v<T, float>)
        return work.attributes().real(attribute, otherwise);
    return otherwise;
}

template <class T>
void clip_elements(const Work& work)
{
    const T low = bound<T>(work, 1, "min", lowest_value<T>());
    const T high = bound<T>(work, 2, "max", highest_value<T>());
    const T* x = stored<T>(work.inputs[0]);
    T* y = stored<T>(work.outputs[0]);
    const auto count = work.outputs[0].shape().element_count();
    for (std::int64_t i = 0; i != count; ++i) {
        const T raised = x[i] < low ? low : x[i]; // NaN stays
        y[i] = raised > high ? high : raised;     // max wins over a larger min, as ONNX says since opset 18
    }
}

void evaluate_clip(const Work& work)
{
    visit_type(work.inputs[0].data_type(), [&]<class T>(std::type_identity<T>) {
        if constexpr (!std::is_same_v<T, bool>)
            clip_elements<T>(work);
    });
}

} // namespace

const Definition clip{1, 3, 1, infer_clip, evaluate_clip};

} // namespace furiosa::operators
