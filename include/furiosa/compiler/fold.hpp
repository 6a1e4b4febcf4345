#pragma once

#include <furiosa/compiler/graph.hpp>

namespace furiosa::compiler {

/// Can this node be computed at compile time? All it reads is known, and it is no convolution or product, of which a
/// small file could hold more than anybody would wait for.
bool is_foldable(const Graph& graph, const Node& node);

/// Computes a foldable node: its outputs become constants. The node itself is the caller's to drop.
void fold(Graph& graph, const Node& node);

} // namespace furiosa::compiler
