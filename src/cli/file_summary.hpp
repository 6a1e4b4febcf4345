#pragma once

#include <furiosa/compiler/onnx_summary.hpp>
#include <furiosa/core/shared_bytes.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace furiosa::cli {

/// What a model file says of itself, whatever its format. What a format does not say, or what is not understood of
/// it, is absent.
struct FileSummary
{
    std::string format;      ///< for programs: "onnx", "enf", "warboy-enf", "warboy-dfg", "tflite"
    std::string description; ///< for people
    std::uint64_t size = 0;
    std::string ir_version;
    std::string producer;
    std::string target;
    std::map<std::string, std::int64_t> opsets;
    std::vector<compiler::DeclaredTensor> inputs;
    std::vector<compiler::DeclaredTensor> outputs;
    std::optional<std::map<std::string, std::size_t>> operators;
    std::optional<std::uint64_t> weights_size;
    std::optional<std::uint64_t> arena_size;
};

/// Throws errc::malformed_model for what is of no known format, malformed_program for a damaged program.
FileSummary summarize(const SharedBytes& file);

} // namespace furiosa::cli
