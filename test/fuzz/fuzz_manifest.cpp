// A manifest: whatever it says, it is an Error or leads to places that it may lead to.

#include "require.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/registry/manifest.hpp>

#include <furiosa/http/uri.hpp>

#include <set>

using namespace furiosa;

namespace {

void check(std::string_view json, std::string_view place)
{
    registry::Manifest manifest;
    try {
        manifest = registry::parse_manifest(json, place);
    } catch (const Error& error) {
        REQUIRE(*error.what() != '\0');
        return;
    }
    const auto own = http::Uri::parse(place);
    std::set<std::pair<std::string, std::string>> names;
    for (const auto& model : manifest.models) {
        REQUIRE(!model.name.empty());
        REQUIRE(names.emplace(model.name, model.version).second);
        REQUIRE(manifest.find(model.name) != nullptr);
        for (const auto& artifact : model.artifacts)
            for (const auto& text : artifact.uris) {
                const auto uri = http::Uri::parse(text);
                const bool inside = uri.origin() == own.origin() && uri.path.starts_with("/models/") &&
                                    uri.path.find("/../") == std::string::npos;
                REQUIRE(inside || uri.scheme == "http" || uri.scheme == "https");
            }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view json(reinterpret_cast<const char*>(data), size);
    check(json, "https://host/models/artifacts.json");
    check(json, "file:///models/artifacts.json");
    return 0;
}
