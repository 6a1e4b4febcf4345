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

const ModelInfo* Manifest::find(std::string_view name) const noexcept
{
    const auto found = std::ranges::find(models, name, &ModelInfo::name);
    return found == models.end() ? nullptr : &*found;
}

const ModelInfo& Manifest::at(std::string_view name, std::string_view registry) const
{
    if (const auto* model = find(name))
        return *model;
    std::vector<std::string_view> names;
    for (const auto& model : models)
        names.push_back(model.name);
    const auto near = nearest_names(name, names);
    const auto mend = !near.empty()   ? fmt::format("did you mean '{}'?", fmt::join(near, "' or '"))
                      : models.empty() ? std::string("it has none at all")
                                       : fmt::format("it has {} models, see list_models()", models.size());
    throw_error(errc::unknown_model, "registry {} has no model '{}': {}", registry, name.substr(0, 200), mend);
}

} // namespace furiosa::registry
