#include <furiosa/registry/manifest.hpp>

#include "registry/nearest_names.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <fmt/ranges.h>

namespace furiosa::registry {

std::string_view to_string(ArtifactKind kind) noexcept
{
    switch (kind) {
    case ArtifactKind::onnx: return "onnx";
    case ArtifactKind::tflite: return "tflite";
    case ArtifactKind::dfg: return "dfg";
    case ArtifactKind::enf: return "enf";
    case ArtifactKind::calibration: return "calibration";
    }
    return "unknown";
}

namespace {

struct NameAndVersion
{
    std::string_view name;
    std::string_view version; // empty: any
};

NameAndVersion split(std::string_view text)
{
    const auto at = text.rfind('@');
    if (at == std::string_view::npos || at == 0)
        return {text, {}};
    return {text.substr(0, at), text.substr(at + 1)};
}

} // namespace

const ModelInfo* Manifest::find(std::string_view name) const noexcept
{
    if (const auto whole = std::ranges::find(models, name, &ModelInfo::name); whole != models.end())
        return &*whole;
    const auto wanted = split(name);
    const auto found = std::ranges::find_if(models, [&](const ModelInfo& model) {
        return model.name == wanted.name && !wanted.version.empty() && model.version == wanted.version;
    });
    return found == models.end() ? nullptr : &*found;
}

const ModelInfo& Manifest::at(std::string_view name, std::string_view registry) const
{
    if (const auto* model = find(name))
        return *model;
    const auto wanted = split(name);
    std::vector<std::string_view> names, versions;
    for (const auto& model : models) {
        if (std::ranges::find(names, model.name) == names.end())
            names.push_back(model.name);
        if (model.name == wanted.name)
            versions.push_back(model.version);
    }
    if (!versions.empty())
        throw_error(errc::unknown_model, "registry {} has no version '{}' of model '{}': it has '{}'", registry,
                    wanted.version.substr(0, 200), wanted.name, fmt::join(versions, "', '"));
    const auto near = nearest_names(wanted.name, names);
    const auto mend = !near.empty()   ? fmt::format("did you mean '{}'?", fmt::join(near, "' or '"))
                      : models.empty() ? std::string("it has none at all")
                                       : fmt::format("it has {} models, see list_models()", models.size());
    throw_error(errc::unknown_model, "registry {} has no model '{}': {}", registry, name.substr(0, 200), mend);
}

} // namespace furiosa::registry
