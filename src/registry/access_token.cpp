#include "registry/access_token.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/registry/catalog.hpp>

#include <algorithm>
#include <cstdlib>

namespace furiosa::registry {

namespace {

bool is_this_machine(const std::string& host)
{
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

/// One word of visible ASCII; anything else would end the header, or begin another.
bool is_token(const std::string& text)
{
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

} // namespace

std::string authorization_for(const Registry& registry, const http::Uri& manifest, const http::Uri& uri)
{
    const bool over_network = uri.scheme == "http" || uri.scheme == "https";
    if (!over_network || uri.origin() != manifest.origin() || registry.uri == public_zoo)
        return {};
    const char* variable = std::getenv("FURIOSA_TOKEN");
    const auto& token = registry.token.empty() && variable ? std::string(variable) : registry.token;
    if (token.empty())
        return {};
    if (!is_token(token))
        throw_error(errc::invalid_argument, "{}: the token has a space or a control character in it: it must be one word",
                    uri.redacted());
    if (uri.scheme == "https" || is_this_machine(uri.host))
        return "Bearer " + token;
    if (registry.token.empty())
        return {};
    throw_error(errc::invalid_argument, "{}: a token is not sent in the clear: name the registry by https",
                uri.redacted());
}

} // namespace furiosa::registry
