#pragma once

#include <furiosa/compiler/graph.hpp>
#include <furiosa/core/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>

namespace furiosa::compiler {

struct ImportOptions
{
    /// What a symbolic leading dimension of the inputs is bound to, and a fixed one of 1 is changed to.
    std::int64_t batch_size = 1;
    /// What other symbolic dimensions are bound to, by their names.
    std::map<std::string, std::int64_t> dimensions;
    /// Inputs whose tensors are known at compile time, and are inputs no more: shapes, axes, pads, …
    std::map<std::string, Tensor> constants;
    /// Where weights lie that the model keeps in files of their own; empty: such a model is refused.
    std::filesystem::path external_data;
};

/// Reads an ONNX model into a graph with all shapes inferred; what is known is computed. See compile() for the errors.
Graph import_onnx(std::span<const std::byte> bytes, const ImportOptions& options = {});

} // namespace furiosa::compiler
