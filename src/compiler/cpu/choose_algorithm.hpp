#pragma once

#include "compiler/cpu/lower.hpp"

#include <furiosa/compiler/graph.hpp>
#include <furiosa/operators/window.hpp>

#include <string>

namespace furiosa::compiler {

/// Can this convolution be computed by Winograd's algorithm here?
bool suits_winograd(const Graph& graph, const Node& node, const operators::Window& window);

/// The same for convolutions that cost the same.
std::string convolution_key(const Graph& graph, const Node& node);

/// "direct", "winograd2" or "winograd4": which is fastest for a convolution that suits Winograd's algorithm.
/// With `options.tune` each is timed, in the shape and with the activation that the convolution has.
std::string choose_algorithm(const Graph& graph, const Node& node, const LoweringOptions& options);

} // namespace furiosa::compiler
