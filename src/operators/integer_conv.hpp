#pragma once

#include "operators/definition.hpp"

namespace furiosa::operators {

/// Where a convolution of integers has its operands among the inputs.
struct IntegerConvInputs
{
    std::size_t x, x_zero_point, w, w_zero_point;
    std::size_t bias; ///< SIZE_MAX: none
};

/// Checks the operands; the shape of the output.
Shape integer_conv_shape(const Question& question, const IntegerConvInputs& inputs);

/// Throws unless input `index` has one element, or one for each output channel of the weights `w`.
void check_per_channel(const Question& question, std::size_t index, const Shape& w);

/// The sums of (x - x_zero_point) · (w - w_zero_point), and the bias, of each element of the output, which
/// wrap. Padding stands for zero, that is x_zero_point.
void integer_conv(const Work& work, const IntegerConvInputs& inputs, const Shape& shape, std::int32_t* out);

} // namespace furiosa::operators
