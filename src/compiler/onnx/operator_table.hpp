#pragma once

#include "compiler/onnx/frontend.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace furiosa::compiler {

/// What the frontend takes of one ONNX operator.
struct OperatorEntry
{
    std::string_view name;
    OpKind kind; ///< what it becomes where it is translated as it is
    /// Attributes that are understood, or that change nothing; any other is an error.
    std::span<const std::string_view> attributes;
    /// Gives the values of the outputs; null: a node of `kind` with the same inputs and attributes.
    std::vector<ValueId> (*translate)(Frontend& frontend, OnnxNode& node);
};

/// The entry for an operator of the default domain, or null.
const OperatorEntry* find_operator(std::string_view onnx_name);

/// Translates a node: the values of its outputs.
std::vector<ValueId> translate_node(Frontend& frontend, OnnxNode node);

} // namespace furiosa::compiler
