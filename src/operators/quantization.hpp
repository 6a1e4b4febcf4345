#pragma once

#include "operators/definition.hpp"

namespace furiosa::operators {

extern const Definition quantize_linear;
extern const Definition dequantize_linear;
extern const Definition dynamic_quantize_linear;
extern const Definition qlinear_conv;
extern const Definition qlinear_mat_mul;
extern const Definition conv_integer;
extern const Definition mat_mul_integer;

} // namespace furiosa::operators
