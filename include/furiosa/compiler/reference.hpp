#pragma once

#include <furiosa/compiler/graph.hpp>
#include <furiosa/core/tensor.hpp>

#include <span>
#include <vector>

namespace furiosa::compiler {

/// Computes the outputs of one node by the definition of its operator: slow, plain, in double precision where sums
/// are long. What the CPU device computes is compared with it; the compiler folds constants with it.
std::vector<Tensor> evaluate(const Graph& graph, const Node& node, std::span<const ConstTensorView> inputs);

/// The outputs of a graph for `inputs`.
std::vector<Tensor> evaluate(const Graph& graph, std::span<const ConstTensorView> inputs);

} // namespace furiosa::compiler
