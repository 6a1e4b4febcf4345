#pragma once

#include <furiosa/program/op_kind.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace furiosa::compiler {

/// What the frontend takes of one ONNX operator.
struct OperatorEntry
{
    program::OpKind kind;
    std::size_t min_inputs;
    std::size_t max_inputs;
    /// Attributes that are understood, or that change nothing; any other is an error.
    std::span<const std::string_view> attributes;
};

/// The entry for an operator of the default domain, or null.
const OperatorEntry* find_operator(std::string_view onnx_name);

} // namespace furiosa::compiler
