#include "support/throws_errc.hpp"

#include <furiosa/http/proxy_settings.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace furiosa;
using http::ProxySettings;
using http::Uri;

TEST_CASE("each scheme has its proxy")
{
    const ProxySettings settings{"http://plain:3128", "secure:8080", ""};
    CHECK(settings.proxy_for(Uri::parse("http://h/x"))->host == "plain");
    CHECK(settings.proxy_for(Uri::parse("https://h/x"))->effective_port() == 8080);
    CHECK_FALSE(ProxySettings{}.proxy_for(Uri::parse("http://h/x")));
}

TEST_CASE("NO_PROXY names hosts with their subdomains, addresses and networks")
{
    const auto is_direct = [](const std::string& no_proxy, const std::string& uri) {
        return !ProxySettings{"http://p:1", "http://p:1", no_proxy}.proxy_for(Uri::parse(uri));
    };
    CHECK(is_direct("example.com", "http://example.com/"));
    CHECK(is_direct("example.com", "https://a.b.example.com/"));
    CHECK(is_direct(".Example.com", "http://example.com/"));
    CHECK_FALSE(is_direct("example.com", "http://notexample.com/"));
    CHECK(is_direct("a, b ,example.com", "http://example.com/"));
    CHECK(is_direct("*", "http://anything/"));
    CHECK(is_direct("127.0.0.1", "http://127.0.0.1:8000/"));
    CHECK(is_direct("10.0.0.0/8", "http://10.1.2.3/"));
    CHECK_FALSE(is_direct("10.0.0.0/8", "http://11.1.2.3/"));
    CHECK(is_direct("[::1]", "http://[::1]:80/"));
    CHECK(is_direct("fd00::/8", "http://[fd12::1]/"));
    CHECK(is_direct("example.com:8080", "http://example.com:8080/"));
    CHECK_FALSE(is_direct("example.com:8080", "http://example.com/"));
    CHECK_FALSE(is_direct("", "http://example.com/"));
    CHECK_FALSE(is_direct("10.0.0.0/99", "http://10.1.2.3/"));
}

TEST_CASE("a proxy that cannot be used is an error that does not tell its password")
{
    const auto uri = Uri::parse("http://h/x");
    CHECK_THROWS_ERRC((ProxySettings{"socks5://u:secret@p:1", "", ""}.proxy_for(uri)), errc::proxy_failed);
    try {
        ProxySettings{"http://u:secret@ p", "", ""}.proxy_for(uri);
        FAIL("nothing was thrown");
    } catch (const Error& error) {
        CHECK(error.code() == errc::proxy_failed);
        CHECK_THAT(error.what(), !Catch::Contains("secret"));
    }
}

TEST_CASE("a CGI program does not take its proxy from a request header")
{
    for (const char* name :
         {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy"})
        ::unsetenv(name);
    ::setenv("HTTP_PROXY", "http://from-a-header:1", 1);
    CHECK(ProxySettings::from_environment().http == "http://from-a-header:1");
    ::setenv("REQUEST_METHOD", "GET", 1);
    CHECK(ProxySettings::from_environment().http.empty());
    ::unsetenv("REQUEST_METHOD");
    ::setenv("http_proxy", "http://chosen:1", 1);
    CHECK(ProxySettings::from_environment().http == "http://chosen:1");
    ::unsetenv("http_proxy");
    ::unsetenv("HTTP_PROXY");
}
