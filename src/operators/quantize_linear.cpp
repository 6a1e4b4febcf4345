#include "operators/quantization.hpp"
#include "operators/quantize.hpp"

#include <optional>

namespace furiosa::operators {

namespace {

/// The attribute output_dtype: a number of onnx::TensorProto::DataType, 0 for none.
std::optional<DataType> output_type(const Question& question)
{
    switch (question.attributes().integer("output_dtype")) {
    case 0:
        return std::nullopt;
    case 2:
        return DataType::uint8;
    case 3:
        return DataType::int8;
    default:
        question.fail_with(errc::unsupported_operator, "quantizes to neither uint8 nor int8");
    }
}

std::vector<TensorType> infer_quantize_linear(const Question& question)
{
    question.require_type(0, {DataType::float32, DataType::int32});
    check_scale(question);
    const auto wanted = output_type(question);
    auto type = wanted.value_or(DataType::uint8);
    if (question.has(2)) {
        question.require_type(2, {DataType::uint8, DataType::int8});
        if (wanted)
            question.require_same_type(2, *wanted);
        type = question.type(2);
    }
    return {{type, question.shape(0)}};
}

template <class X, class Y>
void quantize_blocks(const Work& work)
{
    using Real = std::conditional_t<std::is_same_v<X, float>, float, double>; // which holds every int32
    const X* x = work.inputs[0].as<X>().data();
    Y* y = work.outputs[0].as<Y>().data();
    const auto scales = work.inputs[1].as<float>();
    const Y* zero_points = work.has(2) ? work.inputs[2].as<Y>().data() : nullptr;
    const auto blocks =
        quantized_blocks(work.inputs[0].shape(), static_cast<std::int64_t>(scales.size()), work.attributes());
    for (std::int64_t outer = 0; outer != blocks.outer; ++outer)
        for (std::int64_t c = 0; c != blocks.scales; ++c, x += blocks.inner, y += blocks.inner) {
            const auto scale = static_cast<Real>(scales[static_cast<std::size_t>(c)]);
            const std::int32_t zero_point = zero_points ? zero_points[c] : 0;
            for (std::int64_t i = 0; i != blocks.inner; ++i)
                y[i] = quantize<Y>(static_cast<Real>(x[i]) / scale, zero_point);
        }
}

void evaluate_quantize_linear(const Work& work)
{
    if (work.outputs[0].shape().element_count() == 0)
        return;
    visit_byte(work.outputs[0].data_type(), [&]<class Y>(std::type_identity<Y>) {
        if (work.inputs[0].data_type() == DataType::float32)
            quantize_blocks<float, Y>(work);
        else
            quantize_blocks<std::int32_t, Y>(work);
    });
}

} // namespace

const Definition quantize_linear{2, 3, 1, infer_quantize_linear, evaluate_quantize_linear};

} // namespace furiosa::operators
