#include "operators/integer_conv.hpp"
#include "operators/quantization.hpp"

namespace furiosa::operators {

namespace {

constexpr IntegerConvInputs positions{.x = 0, .x_zero_point = 2, .w = 1, .w_zero_point = 3, .bias = SIZE_MAX};

std::vector<TensorType> infer_conv_integer(const Question& question)
{
    return {{DataType::int32, integer_conv_shape(question, positions)}};
}

void evaluate_conv_integer(const Work& work)
{
    const auto& out = work.outputs[0];
    integer_conv(work, positions, out.shape(), out.as<std::int32_t>().data());
}

} // namespace

const Definition conv_integer{2, 4, 1, infer_conv_integer, evaluate_conv_integer};

} // namespace furiosa::operators
