// URIs, and what is made of them: a registry's references, proxies, .netrc.

#include "http/netrc.hpp"
#include "registry/artifact_uri.hpp"
#include "require.hpp"
#include "unless_refused.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/http/proxy_settings.hpp>
#include <furiosa/http/uri.hpp>

using namespace furiosa;
using fuzz::unless_refused;
using http::Uri;

namespace {

std::string authority(const std::string& uri)
{
    const auto begin = uri.find("://") + 3;
    return uri.substr(begin, uri.find_first_of("/?#", begin) - begin);
}

void check_parse(std::string_view text)
{
    const auto uri = unless_refused([&] { return Uri::parse(text); }, errc::invalid_uri);
    if (!uri)
        return;
    REQUIRE(Uri::parse(uri->to_string()) == *uri);
    REQUIRE(uri->target().starts_with('/'));
    REQUIRE(uri->target().find_first_of(" \r\n") == std::string::npos);
    REQUIRE(authority(uri->redacted()).find('@') == std::string::npos);
    static_cast<void>(uri->effective_port());
}

void check_reference(std::string_view reference)
{
    static const auto manifest = Uri::parse("https://user:secret@host/a/b/artifacts.json");
    if (const auto uri = unless_refused([&] { return manifest.resolve(reference); }, errc::invalid_uri))
        REQUIRE(Uri::parse(uri->to_string()) == *uri);
    const auto resolved = unless_refused([&] { return registry::resolve_artifact_uri(manifest, reference, "uri"); },
                                         errc::malformed_manifest, errc::uri_outside_registry);
    if (!resolved)
        return;
    const auto artifact = Uri::parse(*resolved);
    const bool inside = artifact.origin() == manifest.origin() && artifact.path.starts_with("/a/b/");
    const bool elsewhere = reference.find(':') != std::string_view::npos;
    REQUIRE(inside || elsewhere);
    REQUIRE(artifact.scheme == "http" || artifact.scheme == "https");
    const bool brings_secret = reference.find(manifest.userinfo) != std::string_view::npos;
    REQUIRE(artifact.origin() == manifest.origin() || artifact.userinfo != manifest.userinfo || brings_secret);
}

void check_escapes(std::string_view text)
{
    REQUIRE(http::percent_decode(http::percent_encode_path(text)) == text);
    if (const auto plain = unless_refused([&] { return http::percent_decode(text); }, errc::invalid_uri))
        REQUIRE(plain->size() <= text.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_parse(text);
    check_reference(text);
    check_escapes(text);
    static_cast<void>(http::find_in_netrc(text, "host"));
    return 0;
}
