#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace furiosa::compiler {

/// An extent as an ONNX file declares it: a number, the name of a symbol, or nothing.
using DeclaredExtent = std::variant<std::monostate, std::int64_t, std::string>;

struct DeclaredTensor
{
    std::string name;
    /// As "float32"; "sequence", "map", … for what is no tensor.
    std::string type;
    bool has_rank = false;
    std::vector<DeclaredExtent> extents;
};

/// "image: float32[N, 3, 224, ?]"
std::string to_string(const DeclaredTensor& tensor);

/// What an ONNX file says of itself. Nothing is checked, nothing compiled: operators need not be known.
struct OnnxSummary
{
    std::int64_t ir_version = 0;
    std::string producer;
    /// By domain; "ai.onnx" is the default one.
    std::map<std::string, std::int64_t> opsets;
    std::vector<DeclaredTensor> inputs; ///< without those that initializers give a value
    std::vector<DeclaredTensor> outputs;
    /// How often each operator occurs; those of other domains as "domain.Name".
    std::map<std::string, std::size_t> operators;
    std::size_t initializers = 0;
    std::uint64_t weights_size = 0; ///< bytes that they take in the file
    std::size_t external = 0;       ///< initializers that lie in other files
};

/// Throws errc::malformed_model, and not_supported when this library was built without the ONNX frontend.
OnnxSummary summarize_onnx(std::span<const std::byte> bytes);

} // namespace furiosa::compiler
