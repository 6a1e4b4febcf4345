#include "registry/model_folder.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <optional>

namespace furiosa::registry {

namespace fs = std::filesystem;

namespace {

std::optional<ArtifactKind> kind_of(const fs::path& file)
{
    const auto extension = file.extension();
    if (extension == ".onnx")
        return ArtifactKind::onnx;
    if (extension == ".tflite")
        return ArtifactKind::tflite;
    if (extension == ".dfg")
        return ArtifactKind::dfg;
    if (extension == ".enf")
        return ArtifactKind::enf;
    if (extension == ".yaml" || extension == ".yml")
        return ArtifactKind::calibration;
    return std::nullopt;
}

bool is_hidden(const fs::path& path)
{
    return path.filename().native().starts_with('.');
}

/// Does a link lead to a file that is below the folder all the same?
bool stays_in(const fs::path& folder, const fs::path& file)
{
    std::error_code error;
    const auto real = fs::canonical(file, error);
    return !error && !real.lexically_relative(folder).native().starts_with("..") && fs::is_regular_file(real, error);
}

/// "mnist" and "warboy-2pe" of "mnist.warboy-2pe"
void split_target(ModelFile& file, std::string& stem)
{
    if (file.kind != ArtifactKind::enf)
        return;
    if (const auto dot = stem.rfind('.'); dot != std::string::npos) {
        file.target = stem.substr(dot + 1);
        stem.resize(dot);
    } else if (file.path.find('/') != std::string::npos) {
        file.target = stem; // in the folder of a model, the name need not say which model
    }
}

ModelFile describe(const fs::path& relative, ArtifactKind kind)
{
    ModelFile file;
    file.path = relative.generic_string();
    file.kind = kind;
    auto name = relative.stem().native();
    split_target(file, name);
    if (relative.has_parent_path())
        name = relative.parent_path().filename().native();
    const auto at = name.rfind('@');
    const bool has_version = at != std::string::npos && at != 0;
    file.model = has_version ? name.substr(0, at) : name;
    file.version = has_version ? name.substr(at + 1) : "";
    return file;
}

} // namespace

std::vector<ModelFile> find_model_files(const fs::path& folder)
{
    std::error_code error;
    const auto root = fs::canonical(folder, error);
    if (error || !fs::is_directory(root, error))
        throw_error(errc::file_not_found, "{}: there is no such folder", folder.native());
    std::vector<ModelFile> files;
    for (fs::recursive_directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
        if (is_hidden(at->path())) {
            at.disable_recursion_pending();
            continue;
        }
        const auto kind = kind_of(at->path());
        if (kind && stays_in(root, at->path()))
            files.push_back(describe(at->path().lexically_relative(root), *kind));
    }
    if (error)
        throw_error(errc::io_error, "{}: cannot be read: {}", folder.native(), error.message());
    std::ranges::sort(files, {}, &ModelFile::path);
    return files;
}

} // namespace furiosa::registry
