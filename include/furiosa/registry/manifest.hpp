#pragma once

#include <furiosa/registry/model_info.hpp>

#include <string_view>
#include <vector>

namespace furiosa::registry {

/// The models of a registry: the content of its artifacts.json.
struct Manifest
{
    std::vector<ModelInfo> models;

    /// The model of that name, or null: "name" is the first one listed of the name, "name@version" that version.
    const ModelInfo* find(std::string_view name) const noexcept;
    /// The same, but throws errc::unknown_model, naming the versions that there are, or names that are spelled nearly so.
    const ModelInfo& at(std::string_view name, std::string_view registry) const;
};

/// The largest artifacts.json that is read.
inline constexpr std::size_t max_manifest_size = 64 * 1024 * 1024;

/// Reads an artifacts.json; artifacts.schema.json in share/furiosa describes it.
///
/// `uri` is where the manifest came from: relative URIs of artifacts resolve against it and must stay below its
/// folder; absolute ones must be http or https, or, for a manifest that is a file, files below its folder.
/// Throws errc::malformed_manifest with the place in the JSON, as "models[2].artifacts[0].size" or line and
/// column, and errc::uri_outside_registry. A worker's job when the text is large: about 1 ms a megabyte.
Manifest parse_manifest(std::string_view json, std::string_view uri);

} // namespace furiosa::registry
