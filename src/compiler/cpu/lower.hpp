#pragma once

#include <furiosa/compiler/graph.hpp>
#include <furiosa/program/program.hpp>

#include <string>

namespace furiosa::compiler {

/// Makes the program for the CPU device: oneDNN is asked which formats suit each convolution, reorders go where two
/// neighbours disagree, constants are packed in the format that their reader wants.
program::ProgramContent lower_for_cpu(const Graph& graph, std::string target);

} // namespace furiosa::compiler
