#pragma once

#include <furiosa/compiler/graph.hpp>

namespace furiosa::compiler {

/// Sets the tensors of a node's outputs from those of its inputs.
/// Throws errc::invalid_shape or malformed_model, naming the node, where the operator's definition is not met.
void infer_shape(Graph& graph, Node& node);

} // namespace furiosa::compiler
