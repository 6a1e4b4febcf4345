#pragma once

#include <furiosa/core/tensor_desc.hpp>
#include <furiosa/store/digest.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace furiosa::registry {

/// What an artifact is to its model.
enum class ArtifactKind : std::uint8_t {
    onnx,        ///< the source, as ONNX
    tflite,      ///< the source, as TFLite
    dfg,         ///< the vendor's intermediate form
    enf,         ///< an executable program
    calibration, ///< calibration ranges, YAML
};

/// "onnx", "tflite", "dfg", "enf", "calibration"
std::string_view to_string(ArtifactKind kind) noexcept;

struct ArtifactInfo
{
    ArtifactKind kind = ArtifactKind::onnx;
    /// For an enf: what it was compiled for, as "warboy-2pe" or "cpu-avx512vnni". Else empty.
    std::string target;
    /// For the vendor's forms: the version of the compiler's representation. Else empty.
    std::string ir_version;
    /// Where it is, absolute; each next one is tried when the one before says that it has no such file.
    std::vector<std::string> uris;
    std::uint64_t size = 0;
    store::Digest digest;
};

struct Publication
{
    std::vector<std::string> authors;
    std::string title;
    std::string publisher;
    std::string date;
    std::string url;
};

struct Metadata
{
    std::string description;
    Publication publication;
};

/// One model of a registry, as its manifest describes it.
struct ModelInfo
{
    std::string name;
    /// "onnx" or "tflite": what its source is.
    std::string format;
    std::string family;
    std::string version;
    /// "image-classification", "object-detection", "pose-estimation", …
    std::string task;
    Metadata metadata;
    std::map<std::string, std::string> tags;
    std::vector<TensorDesc> inputs;
    std::vector<TensorDesc> outputs;
    /// What the classes are called, in the order of the output; may be empty.
    std::vector<std::string> labels;
    /// The vendor compiler's configuration, a JSON object; empty if there is none.
    std::string compiler_config;
    std::vector<ArtifactInfo> artifacts;
};

} // namespace furiosa::registry
