#include "registry/artifact_uri.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <ranges>

namespace furiosa::registry {

namespace {

/// "/a/b/" of "/a/b/artifacts.json"
std::string_view folder_of(std::string_view path)
{
    return path.substr(0, path.find_last_of('/') + 1);
}

/// Does a path, once a server or a file system has undone its escapes, climb?
bool has_dot_segment(std::string_view path)
{
    auto plain = http::percent_decode(path);
    std::ranges::replace(plain, '\\', '/');
    return std::ranges::any_of(plain | std::views::split('/'), [](auto segment) {
        const std::string_view text(segment.begin(), segment.end());
        return text == ".." || text == ".";
    });
}

bool is_below(const http::Uri& manifest, const http::Uri& artifact)
{
    const auto folder = folder_of(manifest.path);
    return manifest.origin() == artifact.origin() && artifact.path.starts_with(folder) &&
           artifact.path.size() > folder.size();
}

bool has_scheme(std::string_view reference)
{
    return reference.find(':') < reference.find_first_of("/?#");
}

} // namespace

std::string resolve_artifact_uri(const http::Uri& manifest, std::string_view reference, std::string_view where)
{
    const auto outside = [&](std::string_view why) {
        throw_error(errc::uri_outside_registry, "{}: {} \"{}\" {}", manifest.redacted(), where, reference.substr(0, 300),
                    why);
    };
    http::Uri uri;
    try {
        uri = manifest.resolve(reference);
        if (has_dot_segment(uri.path) || has_dot_segment(reference.substr(0, reference.find_first_of("?#"))))
            outside("climbs out of its folder: an artifact must lie below the manifest");
    } catch (const Error& error) {
        if (error.code() == errc::uri_outside_registry)
            throw;
        throw_error(errc::malformed_manifest, "{}: {} is not a URI: {}", manifest.redacted(), where, error.what());
    }
    const bool from_network = uri.scheme == "http" || uri.scheme == "https";
    if (!from_network && uri.scheme != manifest.scheme)
        outside("is not http or https: a manifest cannot lead to another kind of place");
    if (!is_below(manifest, uri) && (!has_scheme(reference) || !from_network))
        outside("leads out of the registry: an artifact must lie below the manifest, or be named by an absolute http(s) URI");
    return uri.to_string();
}

} // namespace furiosa::registry
