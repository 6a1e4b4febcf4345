#pragma once

#include <furiosa/compiler/graph.hpp>
#include <furiosa/operators/operation.hpp>

namespace furiosa::compiler {

/// The node as the room of the operators knows it.
inline operators::Operation operation_of(const Node& node)
{
    return {node.kind, node.name, node.attributes};
}

/// Sets the tensors of a node's outputs from those of its inputs.
/// Throws errc::invalid_shape, malformed_model or unsupported_operator, naming the node, where the operator's
/// definition is not met.
void infer_shape(Graph& graph, Node& node);

} // namespace furiosa::compiler
