#include <furiosa/core/tensor.hpp>

#include "operators/integer_conv.hpp"
#include "operators/quantization.hpp"
#include "operators/quantize.hpp"
#include "operators/strided.hpp"

namespace furiosa::operators {

namespace {

constexpr IntegerConvInputs positions{.x = 0, .x_zero_point = 2, .w = 3, .w_zero_point = 5, .bias = 8};
constexpr std::size_t x_scale = 1, w_scale = 4, y_scale = 6, y_zero_point = 7;

std::vector<TensorType> infer_qlinear_conv(const Question& question)
{
    const Shape shape = integer_conv_shape(question, positions);
    for (const auto scale : {x_scale, w_scale, y_scale})
        question.require_type(scale, {DataType::float32});
    question.require_scalar(x_scale);
    check_per_channel(question, w_scale, question.shape(positions.w));
    question.require_scalar(y_scale);
    question.require_type(y_zero_point, {DataType::uint8, DataType::int8});
    question.require_scalar(y_zero_point);
    return {{question.type(y_zero_point), shape}};
}

template <class Y>
void requantize(const Work& work, const std::int32_t* sums)
{
    const auto& shape = work.outputs[0].shape();
    Y* y = work.outputs[0].as<Y>().data();
    const auto w_scales = work.inputs[w_scale].as<float>();
    const float ratio = work.inputs[x_scale].as<float>()[0] / work.inputs[y_scale].as<float>()[0];
    const std::int32_t zero_point = work.inputs[y_zero_point].as<Y>()[0];
    const auto plane = dense_strides(shape)[1];
    for (std::int64_t n = 0; n != shape[0]; ++n)
        for (std::int64_t m = 0; m != shape[1]; ++m, y += plane, sums += plane) {
            const float factor = ratio * w_scales[w_scales.size() == 1 ? 0 : static_cast<std::size_t>(m)];
            for (std::int64_t i = 0; i != plane; ++i)
                y[i] = quantize<Y>(static_cast<float>(sums[i]) * factor, zero_point);
        }
}

void evaluate_qlinear_conv(const Work& work)
{
    const auto& y = work.outputs[0];
    if (y.shape().element_count() == 0)
        return;
    Tensor sums(DataType::int32, y.shape());
    integer_conv(work, positions, y.shape(), sums.as<std::int32_t>().data());
    visit_byte(y.data_type(),
               [&]<class Y>(std::type_identity<Y>) { requantize<Y>(work, sums.as<std::int32_t>().data()); });
}

} // namespace

const Definition qlinear_conv{8, 9, 1, infer_qlinear_conv, evaluate_qlinear_conv};

} // namespace furiosa::operators
