#pragma once

#include <furiosa/registry/model_info.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace furiosa::registry {

/// A file of a folder of models, and what its name says of it.
struct ModelFile
{
    std::string path; ///< relative to the folder, with '/'
    std::string model;
    std::string version;
    ArtifactKind kind = ArtifactKind::onnx;
    std::string target;
};

/// The model files below a folder, sorted by path; publish.hpp says how they are named.
/// Throws errc::file_not_found, io_error.
std::vector<ModelFile> find_model_files(const std::filesystem::path& folder);

} // namespace furiosa::registry
