#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace furiosa::registry {

/// What publish() found in a folder. Files are named relative to it.
struct Published
{
    std::size_t models = 0;
    std::vector<std::string> files;   ///< all that are published now
    std::vector<std::string> added;   ///< of these, the ones that were not in artifacts.json
    std::vector<std::string> removed; ///< what artifacts.json named and is no more
    bool changed = false;             ///< artifacts.json was written
};

/// Makes a registry of a folder of models: writes its artifacts.json with the size and SHA-256 of every file, so that
/// any static web server can serve it.
///
///     models/mnist.onnx                   model "mnist"
///     models/mnist.warboy-2pe.enf         its program for warboy-2pe
///     models/resnet50@1.2/net.onnx        model "resnet50", version "1.2": a folder of its own
///     models/resnet50@1.2/ranges.yaml     its calibration ranges
///
/// Files end in .onnx, .tflite, .dfg, .enf, .yaml or .yml; others, hidden ones and links that lead out of the folder
/// are left alone. An artifacts.json that is there keeps all else that it says: descriptions, tensors, labels, and
/// artifacts elsewhere, named by absolute URIs. The new one replaces it by one rename, after it was read back as a
/// client would.
///
/// Blocks, for as long as hashing takes: about 0.6 s a gigabyte. Throws errc::file_not_found for the folder,
/// malformed_manifest for the old artifacts.json, with the place, uri_outside_registry, io_error.
Published publish(const std::filesystem::path& folder);

} // namespace furiosa::registry
