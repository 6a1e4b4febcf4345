#pragma once

#include <furiosa/compiler/graph.hpp>
#include <furiosa/program/program.hpp>

#include <string>

namespace furiosa::compiler {

struct LoweringOptions
{
    std::string target;
    /// Choose among algorithms by timing them; else by rules.
    bool tune = false;
    /// Of all convolutions that it can compute; empty: the fastest of each.
    std::string algorithm = {};
};

/// Makes the program for the CPU device: oneDNN is asked which formats suit each convolution, reorders go
/// where two neighbours disagree, constants are packed in the format that their reader wants.
program::ProgramContent lower_for_cpu(const Graph& graph, const LoweringOptions& options);

} // namespace furiosa::compiler
