#pragma once

#include <furiosa/http/uri.hpp>
#include <furiosa/registry/registry.hpp>

#include <string>

namespace furiosa::registry {

/// The Authorization header for a URI of a registry whose manifest is at `manifest`; empty for none. A token goes to the
/// origin of the manifest alone, over https or to this machine. Throws errc::invalid_argument for a token that is no
/// token, or that the options give although it would go in the clear.
std::string authorization_for(const Registry& registry, const http::Uri& manifest, const http::Uri& uri);

} // namespace furiosa::registry
