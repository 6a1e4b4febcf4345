// URIs, and what is made of them: a registry's references, proxies, .netrc.

#include "http/netrc.hpp"
#include "registry/artifact_uri.hpp"
#include "require.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/http/proxy_settings.hpp>
#include <furiosa/http/uri.hpp>

using namespace furiosa;
using http::Uri;

namespace {

std::string authority(const std::string& uri)
{
    const auto begin = uri.find("://") + 3;
    return uri.substr(begin, uri.find_first_of("/?#", begin) - begin);
}

void check_parse(std::string_view text)
{
    try {
        const auto uri = Uri::parse(text);
        const auto again = Uri::parse(uri.to_string());
        REQUIRE(again == uri);
        REQUIRE(uri.target().starts_with('/'));
        REQUIRE(uri.target().find_first_of(" \r\n") == std::string::npos);
        REQUIRE(authority(uri.redacted()).find('@') == std::string::npos);
        static_cast<void>(uri.effective_port());
    } catch (const Error& error) {
        REQUIRE(error.code() == errc::invalid_uri);
    }
}

void check_reference(std::string_view reference)
{
    static const auto manifest = Uri::parse("https://user:secret@host/a/b/artifacts.json");
    try {
        const auto resolved = manifest.resolve(reference);
        REQUIRE(Uri::parse(resolved.to_string()) == resolved);
    } catch (const Error& error) {
        REQUIRE(error.code() == errc::invalid_uri);
    }
    try {
        const auto artifact = Uri::parse(registry::resolve_artifact_uri(manifest, reference, "uri"));
        const bool inside = artifact.origin() == manifest.origin() && artifact.path.starts_with("/a/b/");
        const bool elsewhere = reference.find(':') != std::string_view::npos;
        REQUIRE(inside || elsewhere);
        REQUIRE(artifact.scheme == "http" || artifact.scheme == "https");
        REQUIRE(artifact.origin() == manifest.origin() || artifact.userinfo != manifest.userinfo);
    } catch (const Error& error) {
        REQUIRE(error.code() == errc::malformed_manifest || error.code() == errc::uri_outside_registry);
    }
}

void check_escapes(std::string_view text)
{
    REQUIRE(http::percent_decode(http::percent_encode_path(text)) == text);
    try {
        REQUIRE(http::percent_decode(text).size() <= text.size());
    } catch (const Error& error) {
        REQUIRE(error.code() == errc::invalid_uri);
    }
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
