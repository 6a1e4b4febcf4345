#include "compiler/onnx/operator_table.hpp"

#include <algorithm>
#include <array>

namespace furiosa::compiler {

namespace {

using program::OpKind;
using Names = std::string_view;

constexpr std::array<Names, 0> none{};
constexpr std::array<Names, 6> conv{"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"};
constexpr std::array<Names, 7> max_pool{"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "strides", "storage_order"};
constexpr std::array<Names, 7> average_pool{"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"};
constexpr std::array<Names, 5> gemm{"alpha", "beta", "broadcast", "transA", "transB"};
constexpr std::array<Names, 5> batch_normalization{"epsilon", "is_test", "momentum", "spatial", "training_mode"};
constexpr std::array<Names, 1> axis{"axis"};
constexpr std::array<Names, 2> clip{"min", "max"};
constexpr std::array<Names, 3> dropout{"is_test", "ratio", "seed"};
constexpr std::array<Names, 1> reshape{"allowzero"};
constexpr std::array<Names, 1> transpose{"perm"};
constexpr std::array<Names, 5> constant{"value", "value_float", "value_floats", "value_int", "value_ints"};

constexpr OperatorEntry table[] = {
    {OpKind::add, 2, 2, none},
    {OpKind::average_pool, 1, 1, average_pool},
    {OpKind::batch_normalization, 5, 5, batch_normalization},
    {OpKind::clip, 1, 3, clip},
    {OpKind::constant, 0, 0, constant},
    {OpKind::conv, 2, 3, conv},
    {OpKind::div, 2, 2, none},
    {OpKind::dropout, 1, 3, dropout},
    {OpKind::flatten, 1, 1, axis},
    {OpKind::gemm, 2, 3, gemm},
    {OpKind::global_average_pool, 1, 1, none},
    {OpKind::identity, 1, 1, none},
    {OpKind::mat_mul, 2, 2, none},
    {OpKind::max_pool, 1, 1, max_pool},
    {OpKind::mul, 2, 2, none},
    {OpKind::relu, 1, 1, none},
    {OpKind::reshape, 2, 2, reshape},
    {OpKind::sigmoid, 1, 1, none},
    {OpKind::softmax, 1, 1, axis},
    {OpKind::sub, 2, 2, none},
    {OpKind::transpose, 1, 1, transpose},
};

} // namespace

const OperatorEntry* find_operator(std::string_view onnx_name)
{
    const auto found =
        std::ranges::find(table, onnx_name, [](const OperatorEntry& entry) { return to_string(entry.kind); });
    return found == std::end(table) ? nullptr : found;
}

} // namespace furiosa::compiler
