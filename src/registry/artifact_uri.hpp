#pragma once

#include <furiosa/http/uri.hpp>

#include <string>
#include <string_view>

namespace furiosa::registry {

/// Where the artifact lies that a manifest names by `reference`; `where` is the place in the manifest, for errors.
///
/// A relative reference resolves against the manifest and must stay below its folder, whatever dots, escapes or
/// backslashes it is written with. An absolute one may lead anywhere by http or https, but a manifest from the
/// network cannot point at files of this machine. Throws errc::uri_outside_registry, errc::malformed_manifest.
std::string resolve_artifact_uri(const http::Uri& manifest, std::string_view reference, std::string_view where);

} // namespace furiosa::registry
