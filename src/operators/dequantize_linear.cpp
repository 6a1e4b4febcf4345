#include "operators/quantization.hpp"
#include "operators/quantize.hpp"

namespace furiosa::operators {

namespace {

constexpr std::int64_t onnx_float = 1; // onnx::TensorProto::FLOAT

std::vector<TensorType> infer_dequantize_linear(const Question& question)
{
    question.require_type(0, {DataType::uint8, DataType::int8, DataType::int32});
    check_scale(question);
    if (question.has(2))
        question.require_same_type(2, question.type(0));
    const auto type = question.attributes().integer("output_dtype");
    if (type != 0 && type != onnx_float)
        question.fail_with(errc::unsupported_operator, "dequantizes to another type than float32");
    return {{DataType::float32, question.shape(0)}};
}

template <class X>
void dequantize_blocks(const Work& work)
{
    // Differences of int32 need more bits, those of bytes do not.
    using Difference = std::conditional_t<sizeof(X) == 1, std::int32_t, std::int64_t>;
    const X* x = work.inputs[0].as<X>().data();
    float* y = work.outputs[0].as<float>().data();
    const auto scales = work.inputs[1].as<float>();
    const X* zero_points = work.has(2) ? work.inputs[2].as<X>().data() : nullptr;
    const auto blocks =
        quantized_blocks(work.inputs[0].shape(), static_cast<std::int64_t>(scales.size()), work.attributes());
    for (std::int64_t outer = 0; outer != blocks.outer; ++outer)
        for (std::int64_t c = 0; c != blocks.scales; ++c, x += blocks.inner, y += blocks.inner) {
            const float scale = scales[static_cast<std::size_t>(c)];
            const Difference zero_point = zero_points ? zero_points[c] : 0;
            for (std::int64_t i = 0; i != blocks.inner; ++i)
                y[i] = static_cast<float>(x[i] - zero_point) * scale;
        }
}

void evaluate_dequantize_linear(const Work& work)
{
    if (work.outputs[0].shape().element_count() == 0)
        return;
    if (work.inputs[0].data_type() == DataType::int32)
        return dequantize_blocks<std::int32_t>(work);
    visit_byte(work.inputs[0].data_type(),
               [&]<class X>(std::type_identity<X>) { dequantize_blocks<X>(work); });
}

} // namespace

const Definition dequantize_linear{2, 3, 1, infer_dequantize_linear, evaluate_dequantize_linear};

} // namespace furiosa::operators
