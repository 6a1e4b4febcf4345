#pragma once

#include <furiosa/compiler/graph.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace furiosa::compiler {

/// Reads an ONNX model into a graph with all shapes inferred. See compile() for the errors.
Graph import_onnx(std::span<const std::byte> bytes, std::int64_t batch_size);

} // namespace furiosa::compiler
