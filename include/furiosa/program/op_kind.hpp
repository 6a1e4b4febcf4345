#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace furiosa::program {

/// Operators, as ONNX defines them; `reorder` alone is our own: it changes the layout in memory, nothing else.
enum class OpKind : std::uint8_t {
    add,
    average_pool,
    batch_normalization,
    clip,
    constant,
    conv,
    div,
    dropout,
    flatten,
    gemm,
    global_average_pool,
    identity,
    mat_mul,
    max_pool,
    mul,
    relu,
    reorder,
    reshape,
    sigmoid,
    softmax,
    sub,
    transpose,
};

inline constexpr std::size_t op_kind_count = 22;

/// The ONNX name: "AveragePool". Program files hold these names.
std::string_view to_string(OpKind kind) noexcept;

std::optional<OpKind> parse_op_kind(std::string_view name) noexcept;

} // namespace furiosa::program
