#pragma once

#include <furiosa/compiler/import_onnx.hpp>
#include <furiosa/program/program.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace furiosa::compiler {

struct CompileOptions : ImportOptions
{
    /// What to compile for, as the device names itself: "cpu-avx512vnni-…".
    std::string target;
    /// Time the algorithms of each convolution and take the fastest. Without, rules choose: then the same
    /// model always becomes the same program.
    bool tune = true;
};

/// The options that change the program, as text: a part of the key that it is kept under.
std::string cache_key(const CompileOptions& options);

/// Changes whenever the same source would give another program.
std::string compiler_version();

/// Compiles an ONNX model. Blocks for as long as it takes: for a worker.
///
/// Throws errc::malformed_model, unsupported_operator (one error that lists all of them with their node
/// names), dynamic_dimension (naming it), invalid_shape, invalid_argument for a batch size that does not fit,
/// file_not_found and io_error for weights in files of their own, program_target_mismatch when `target` is no target
/// of this machine, and not_supported for another format, opsets that are too old or too new, weights in files whose
/// folder nobody names, and when this library was built without the ONNX frontend or the CPU device.
program::Program compile(std::span<const std::byte> source, const CompileOptions& options);

/// The graph that the program of an ONNX model is made from, after all passes: for people to look at. The same errors.
Graph optimized_graph(std::span<const std::byte> source, const ImportOptions& options);

} // namespace furiosa::compiler
