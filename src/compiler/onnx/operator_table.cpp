#include "compiler/onnx/operator_table.hpp"

#include "compiler/onnx/translate/translate.hpp"

#include <algorithm>
#include <array>

namespace furiosa::compiler {

namespace {

using Names = std::string_view;

constexpr std::array<Names, 0> none{};
constexpr std::array<Names, 1> axis{"axis"};
constexpr std::array<Names, 1> alpha{"alpha"};
constexpr std::array<Names, 2> alpha_beta{"alpha", "beta"};
constexpr std::array<Names, 2> alpha_gamma{"alpha", "gamma"};
constexpr std::array<Names, 2> legacy_broadcast{"axis", "broadcast"};
constexpr std::array<Names, 1> epsilon{"epsilon"};
constexpr std::array<Names, 1> approximate{"approximate"};

constexpr std::array<Names, 6> conv{"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"};
constexpr std::array<Names, 8> conv_transpose{"auto_pad",       "dilations",    "group", "kernel_shape",
                                              "output_padding", "output_shape", "pads",  "strides"};
constexpr std::array<Names, 7> average_pool{"auto_pad",     "ceil_mode", "count_include_pad", "dilations",
                                            "kernel_shape", "pads",      "strides"};
constexpr std::array<Names, 7> max_pool{"auto_pad", "ceil_mode", "dilations",    "kernel_shape",
                                        "pads",     "strides",   "storage_order"};
constexpr std::array<Names, 5> gemm{"alpha", "beta", "broadcast", "transA", "transB"};
constexpr std::array<Names, 5> batch_normalization{"epsilon", "is_test", "momentum", "spatial", "training_mode"};
constexpr std::array<Names, 3> layer_normalization{"axis", "epsilon", "stash_type"};
constexpr std::array<Names, 2> lp_normalization{"axis", "p"};
constexpr std::array<Names, 4> lrn{"alpha", "beta", "bias", "size"};
constexpr std::array<Names, 3> arg_extremum{"axis", "keepdims", "select_last_index"};
constexpr std::array<Names, 3> reduce{"axes", "keepdims", "noop_with_empty_axes"};
constexpr std::array<Names, 2> cast{"saturate", "to"};
constexpr std::array<Names, 1> cast_like{"saturate"};
constexpr std::array<Names, 2> clip{"max", "min"};
constexpr std::array<Names, 5> constant{"value", "value_float", "value_floats", "value_int", "value_ints"};
constexpr std::array<Names, 1> constant_of_shape{"value"};
constexpr std::array<Names, 2> depth_to_space{"blocksize", "mode"};
constexpr std::array<Names, 1> space_to_depth{"blocksize"};
constexpr std::array<Names, 3> dropout{"is_test", "ratio", "seed"};
constexpr std::array<Names, 4> pad{"mode", "paddings", "pads", "value"};
constexpr std::array<Names, 4> quantize{"axis", "block_size", "output_dtype", "saturate"};
constexpr std::array<Names, 2> reshape{"allowzero", "shape"};
constexpr std::array<Names, 9> resize{"antialias",
                                      "axes",
                                      "coordinate_transformation_mode",
                                      "cubic_coeff_a",
                                      "exclude_outside",
                                      "extrapolation_value",
                                      "keep_aspect_ratio_policy",
                                      "mode",
                                      "nearest_mode"};
constexpr std::array<Names, 2> shape{"end", "start"};
constexpr std::array<Names, 3> slice{"axes", "ends", "starts"};
constexpr std::array<Names, 3> split{"axis", "num_outputs", "split"};
constexpr std::array<Names, 1> squeeze{"axes"};
constexpr std::array<Names, 1> transpose{"perm"};
constexpr std::array<Names, 4> upsample{"height_scale", "mode", "scales", "width_scale"};

constexpr auto no_kind = OpKind::constant;

constexpr OperatorEntry table[] = {
    {"Abs", OpKind::abs, none, nullptr},
    {"Add", OpKind::add, legacy_broadcast, translate::binary},
    {"And", OpKind::logical_and, legacy_broadcast, translate::binary},
    {"ArgMax", OpKind::arg_max, arg_extremum, translate::arg_extremum},
    {"ArgMin", OpKind::arg_min, arg_extremum, translate::arg_extremum},
    {"AveragePool", OpKind::average_pool, average_pool, nullptr},
    {"BatchNormalization", OpKind::batch_normalization, batch_normalization, translate::batch_normalization},
    {"Cast", OpKind::cast, cast, translate::cast},
    {"CastLike", OpKind::cast, cast_like, translate::cast_like},
    {"Ceil", OpKind::ceil, none, nullptr},
    {"Clip", OpKind::clip, clip, translate::clip},
    {"Concat", OpKind::concat, axis, translate::concat},
    {"Constant", no_kind, constant, translate::constant},
    {"ConstantOfShape", no_kind, constant_of_shape, translate::constant_of_shape},
    {"Conv", OpKind::conv, conv, nullptr},
    {"ConvInteger", OpKind::conv_integer, conv, nullptr},
    {"ConvTranspose", OpKind::conv_transpose, conv_transpose, nullptr},
    {"DepthToSpace", OpKind::depth_to_space, depth_to_space, nullptr},
    {"DequantizeLinear", OpKind::dequantize_linear, quantize, translate::quantize},
    {"Div", OpKind::div, legacy_broadcast, translate::binary},
    {"Dropout", OpKind::identity, dropout, translate::dropout},
    {"DynamicQuantizeLinear", OpKind::dynamic_quantize_linear, none, nullptr},
    {"Elu", OpKind::elu, alpha, nullptr},
    {"Equal", OpKind::equal, legacy_broadcast, translate::binary},
    {"Erf", OpKind::erf, none, nullptr},
    {"Exp", OpKind::exp, none, nullptr},
    {"Expand", OpKind::expand, none, translate::expand},
    {"Flatten", OpKind::reshape, axis, translate::flatten},
    {"Floor", OpKind::floor, none, nullptr},
    {"Gather", OpKind::gather, axis, translate::gather},
    {"Gelu", OpKind::gelu, approximate, nullptr},
    {"Gemm", OpKind::gemm, gemm, translate::gemm},
    {"GlobalAveragePool", OpKind::global_average_pool, none, nullptr},
    {"GlobalMaxPool", OpKind::global_max_pool, none, nullptr},
    {"Greater", OpKind::greater, legacy_broadcast, translate::binary},
    {"GreaterOrEqual", OpKind::greater_or_equal, none, translate::binary},
    {"HardSigmoid", OpKind::hard_sigmoid, alpha_beta, nullptr},
    {"HardSwish", OpKind::hard_swish, none, nullptr},
    {"Identity", OpKind::identity, none, nullptr},
    {"InstanceNormalization", OpKind::instance_normalization, epsilon, nullptr},
    {"LRN", OpKind::lrn, lrn, nullptr},
    {"LayerNormalization", OpKind::layer_normalization, layer_normalization, translate::with_axis},
    {"LeakyRelu", OpKind::leaky_relu, alpha, nullptr},
    {"Less", OpKind::less, legacy_broadcast, translate::binary},
    {"LessOrEqual", OpKind::less_or_equal, none, translate::binary},
    {"Log", OpKind::log, none, nullptr},
    {"LogSoftmax", OpKind::log_softmax, axis, translate::softmax},
    {"LpNormalization", OpKind::lp_normalization, lp_normalization, translate::with_axis},
    {"MatMul", OpKind::mat_mul, none, nullptr},
    {"MatMulInteger", OpKind::mat_mul_integer, none, nullptr},
    {"Max", OpKind::max, none, nullptr},
    {"MaxPool", OpKind::max_pool, max_pool, nullptr},
    {"Mean", OpKind::mean, none, nullptr},
    {"Min", OpKind::min, none, nullptr},
    {"Mish", OpKind::mish, none, nullptr},
    {"Mul", OpKind::mul, legacy_broadcast, translate::binary},
    {"Neg", OpKind::neg, none, nullptr},
    {"Not", OpKind::logical_not, none, nullptr},
    {"Or", OpKind::logical_or, legacy_broadcast, translate::binary},
    {"PRelu", OpKind::p_relu, none, translate::p_relu},
    {"Pad", OpKind::pad, pad, translate::pad},
    {"Pow", OpKind::pow, legacy_broadcast, translate::binary},
    {"QLinearConv", OpKind::qlinear_conv, conv, nullptr},
    {"QLinearMatMul", OpKind::qlinear_mat_mul, none, nullptr},
    {"QuantizeLinear", OpKind::quantize_linear, quantize, translate::quantize},
    {"Reciprocal", OpKind::reciprocal, none, nullptr},
    {"ReduceL1", OpKind::reduce_l1, reduce, translate::reduce},
    {"ReduceL2", OpKind::reduce_l2, reduce, translate::reduce},
    {"ReduceLogSum", OpKind::reduce_log_sum, reduce, translate::reduce},
    {"ReduceLogSumExp", OpKind::reduce_log_sum_exp, reduce, translate::reduce},
    {"ReduceMax", OpKind::reduce_max, reduce, translate::reduce},
    {"ReduceMean", OpKind::reduce_mean, reduce, translate::reduce},
    {"ReduceMin", OpKind::reduce_min, reduce, translate::reduce},
    {"ReduceProd", OpKind::reduce_prod, reduce, translate::reduce},
    {"ReduceSum", OpKind::reduce_sum, reduce, translate::reduce},
    {"ReduceSumSquare", OpKind::reduce_sum_square, reduce, translate::reduce},
    {"Relu", OpKind::relu, none, nullptr},
    {"Reshape", OpKind::reshape, reshape, translate::reshape},
    {"Resize", OpKind::resize, resize, translate::resize},
    {"Round", OpKind::round, none, nullptr},
    {"Selu", OpKind::selu, alpha_gamma, nullptr},
    {"Shape", no_kind, shape, translate::shape},
    {"Sigmoid", OpKind::sigmoid, none, nullptr},
    {"Sign", OpKind::sign, none, nullptr},
    {"Size", no_kind, none, translate::size},
    {"Slice", OpKind::slice, slice, translate::slice},
    {"Softmax", OpKind::softmax, axis, translate::softmax},
    {"Softplus", OpKind::softplus, none, nullptr},
    {"Softsign", OpKind::softsign, none, nullptr},
    {"SpaceToDepth", OpKind::space_to_depth, space_to_depth, nullptr},
    {"Split", OpKind::split, split, translate::split},
    {"Sqrt", OpKind::sqrt, none, nullptr},
    {"Squeeze", OpKind::reshape, squeeze, translate::squeeze},
    {"Sub", OpKind::sub, legacy_broadcast, translate::binary},
    {"Sum", OpKind::sum, none, nullptr},
    {"Tanh", OpKind::tanh, none, nullptr},
    {"Tile", OpKind::tile, none, translate::tile},
    {"Transpose", OpKind::transpose, transpose, translate::transpose},
    {"Unsqueeze", OpKind::reshape, squeeze, translate::unsqueeze},
    {"Upsample", OpKind::resize, upsample, translate::upsample},
    {"Where", OpKind::where, none, nullptr},
    {"Xor", OpKind::logical_xor, legacy_broadcast, translate::binary},
};

} // namespace

const OperatorEntry* find_operator(std::string_view onnx_name)
{
    const auto found = std::ranges::lower_bound(table, onnx_name, {}, &OperatorEntry::name);
    return found == std::end(table) || found->name != onnx_name ? nullptr : found;
}

std::vector<ValueId> translate_node(Frontend& frontend, OnnxNode node)
{
    const auto& entry = *find_operator(node.op_type);
    if (entry.translate)
        return entry.translate(frontend, node);
    return frontend.append(entry.kind, node.name, std::move(node.inputs), std::move(node.attributes), node.outputs);
}

} // namespace furiosa::compiler
