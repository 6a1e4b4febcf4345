#include "operators/definition.hpp"
#include "operators/elementwise.hpp"
#include "operators/movement.hpp"
#include "operators/neural.hpp"
#include "operators/quantization.hpp"
#include "operators/reduction.hpp"

namespace furiosa::operators {

const Definition* definition_of(OpKind kind) noexcept
{
    switch (kind) {
    case OpKind::constant:
    case OpKind::reorder: return nullptr;

    case OpKind::abs:
    case OpKind::ceil:
    case OpKind::elu:
    case OpKind::erf:
    case OpKind::exp:
    case OpKind::floor:
    case OpKind::gelu:
    case OpKind::hard_sigmoid:
    case OpKind::hard_swish:
    case OpKind::leaky_relu:
    case OpKind::log:
    case OpKind::logical_not:
    case OpKind::mish:
    case OpKind::neg:
    case OpKind::reciprocal:
    case OpKind::relu:
    case OpKind::round:
    case OpKind::selu:
    case OpKind::sigmoid:
    case OpKind::sign:
    case OpKind::silu:
    case OpKind::softplus:
    case OpKind::softsign:
    case OpKind::sqrt:
    case OpKind::tanh: return &unary;

    case OpKind::add:
    case OpKind::div:
    case OpKind::equal:
    case OpKind::greater:
    case OpKind::greater_or_equal:
    case OpKind::less:
    case OpKind::less_or_equal:
    case OpKind::logical_and:
    case OpKind::logical_or:
    case OpKind::logical_xor:
    case OpKind::mul:
    case OpKind::p_relu:
    case OpKind::pow:
    case OpKind::sub: return &binary;

    case OpKind::max:
    case OpKind::mean:
    case OpKind::min:
    case OpKind::sum: return &variadic;

    case OpKind::cast: return &cast;
    case OpKind::clip: return &clip;
    case OpKind::where: return &where;

    case OpKind::conv_integer: return &conv_integer;
    case OpKind::dequantize_linear: return &dequantize_linear;
    case OpKind::dynamic_quantize_linear: return &dynamic_quantize_linear;
    case OpKind::mat_mul_integer: return &mat_mul_integer;
    case OpKind::qlinear_conv: return &qlinear_conv;
    case OpKind::qlinear_mat_mul: return &qlinear_mat_mul;
    case OpKind::quantize_linear: return &quantize_linear;

    case OpKind::concat: return &concat;
    case OpKind::depth_to_space: return &depth_to_space;
    case OpKind::expand: return &expand;
    case OpKind::gather: return &gather;
    case OpKind::identity: return &identity;
    case OpKind::pad: return &pad;
    case OpKind::reshape: return &reshape;
    case OpKind::slice: return &slice;
    case OpKind::space_to_depth: return &space_to_depth;
    case OpKind::split: return &split;
    case OpKind::tile: return &tile;
    case OpKind::transpose: return &transpose;

    case OpKind::arg_max:
    case OpKind::arg_min: return &arg_extremum;
    case OpKind::reduce_l1:
    case OpKind::reduce_l2:
    case OpKind::reduce_log_sum:
    case OpKind::reduce_log_sum_exp:
    case OpKind::reduce_max:
    case OpKind::reduce_mean:
    case OpKind::reduce_min:
    case OpKind::reduce_prod:
    case OpKind::reduce_sum:
    case OpKind::reduce_sum_square: return &reduce;

    case OpKind::average_pool: return &average_pool;
    case OpKind::batch_normalization: return &batch_normalization;
    case OpKind::conv: return &conv;
    case OpKind::conv_transpose: return &conv_transpose;
    case OpKind::gemm: return &gemm;
    case OpKind::global_average_pool: return &global_average_pool;
    case OpKind::global_max_pool: return &global_max_pool;
    case OpKind::instance_normalization: return &instance_normalization;
    case OpKind::layer_normalization: return &layer_normalization;
    case OpKind::log_softmax:
    case OpKind::softmax: return &softmax;
    case OpKind::lp_normalization: return &lp_normalization;
    case OpKind::lrn: return &lrn;
    case OpKind::mat_mul: return &mat_mul;
    case OpKind::max_pool: return &max_pool;
    case OpKind::resize: return &resize;
    }
    return nullptr;
}

} // namespace furiosa::operators
