#include <furiosa/program/op_kind.hpp>

#include <algorithm>
#include <array>

namespace furiosa::program {

namespace {

constexpr std::array<std::string_view, op_kind_count> names{
    "Add",     "AveragePool", "BatchNormalization", "Clip",     "Constant", "Conv",
    "Div",     "Dropout",     "Flatten",            "Gemm",     "GlobalAveragePool", "Identity",
    "MatMul",  "MaxPool",     "Mul",                "Relu",     "Reorder",  "Reshape",
    "Sigmoid", "Softmax",     "Sub",                "Transpose"};

} // namespace

std::string_view to_string(OpKind kind) noexcept
{
    return names[static_cast<std::size_t>(kind)];
}

std::optional<OpKind> parse_op_kind(std::string_view name) noexcept
{
    const auto found = std::ranges::find(names, name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<OpKind>(found - names.begin());
}

} // namespace furiosa::program
