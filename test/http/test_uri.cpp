#include <furiosa/http/uri.hpp>
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>

using namespace furiosa;
using http::Uri;

TEST_CASE("a URI without an authority needs a path from the root")
{
    CHECK(Uri::parse("file:/srv/models").path == "/srv/models");
    CHECK_THROWS_ERRC(Uri::parse("ht:pts//host/path"), errc::invalid_uri);
    CHECK_THROWS_ERRC(Uri::parse("file:models"), errc::invalid_uri);
}

TEST_CASE("a URI is taken apart and put together again")
{
    const auto uri = Uri::parse("HTTPS://user:secret@Example.org:8443/a/b%20c?x=1#top");
    CHECK(uri.scheme == "https");
    CHECK(uri.userinfo == "user:secret");
    CHECK(uri.host == "example.org");
    CHECK(uri.port == 8443);
    CHECK(uri.path == "/a/b%20c");
    CHECK(uri.query == "x=1");
    CHECK(uri.fragment == "top");
    CHECK(uri.to_string() == "https://user:secret@example.org:8443/a/b%20c?x=1#top");
    CHECK(uri.origin() == "https://example.org:8443");
    CHECK(uri.target() == "/a/b%20c?x=1");
}

TEST_CASE("what errors show of a URI holds no secret")
{
    const auto shown = Uri::parse("https://user:secret@host/a?signature=abc").redacted();
    CHECK(shown == "https://host/a?…");
}

TEST_CASE("an IPv6 address stands in brackets, ports have defaults")
{
    const auto uri = Uri::parse("http://[::1]/x");
    CHECK(uri.host == "::1");
    CHECK(uri.origin() == "http://[::1]:80");
    CHECK(Uri::parse("https://h").effective_port() == 443);
    CHECK(Uri::parse("file:///a/b").path == "/a/b");
}

TEST_CASE("references resolve as RFC 3986, section 5.4, lists them")
{
    const auto base = Uri::parse("http://a/b/c/d;p?q");
    const auto [reference, expected] = GENERATE(table<std::string, std::string>({
        {"g", "http://a/b/c/g"},           {"./g", "http://a/b/c/g"},          {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},              {"//g", "http://g/"},               {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},       {"#s", "http://a/b/c/d;p?q#s"},     {"g#s", "http://a/b/c/g#s"},
        {";x", "http://a/b/c/;x"},         {"", "http://a/b/c/d;p?q"},         {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},           {"..", "http://a/b/"},              {"../g", "http://a/b/g"},
        {"../..", "http://a/"},            {"../../g", "http://a/g"},          {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},            {"/../g", "http://a/g"},            {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},       {"./../g", "http://a/b/g"},         {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},     {"g/../h", "http://a/b/c/h"},       {"g;x=1/../y", "http://a/b/c/y"},
        {"https://x/y", "https://x/y"},
    }));
    CHECK(base.resolve(reference).to_string() == expected);
}

TEST_CASE("what is no URI is refused with a sentence that quotes it harmlessly")
{
    const auto text = GENERATE("", "models", "http://", "http://h:0/", "http://h:99999/", "http://h:x/", "http://[::1/",
                               "http://a b/", "http://h/\r\nHost: evil", "file://server/share", "http://<h>/",
                               "http://[]/", "http://[h]/", "http://[%]/", "http://[fe80::1%25lo]/", "http://[::1::2]/");
    CHECK_THROWS_ERRC(Uri::parse(text), errc::invalid_uri);
}

TEST_CASE("a path survives being a URI")
{
    const std::string path = "/srv/models/50% of\xc3\xa9 #1?";
    CHECK(http::percent_decode(http::percent_encode_path(path)) == path);
    CHECK_THROWS_ERRC(http::percent_decode("a%2"), errc::invalid_uri);
    CHECK_THROWS_ERRC(http::percent_decode("a%zz"), errc::invalid_uri);
}
