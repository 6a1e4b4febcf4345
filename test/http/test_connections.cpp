#include "http/client_fixture.hpp"
#include "support/certificates.hpp"
#include "support/temporary_directory.hpp"
#include "support/throws_errc.hpp"

using namespace furiosa;
using namespace std::chrono_literals;
using test::Answer;
using test::answer_with;
using test::ClientFixture;
using test::FaultServer;
using test::MemorySink;

TEST_CASE("no more connections than the limit are open at a time, whoever asks; all are served")
{
    auto options = test::quick();
    options.connections_per_origin = 3;
    ClientFixture fixture(options);
    FaultServer server;
    server.serve("/x", answer_with("abc"));
    std::vector<MemorySink> sinks(40);
    std::vector<std::future<http::GetResult>> results;
    for (auto& sink : sinks)
        results.push_back(fixture.start(server.uri("/x"), sink, boost::asio::use_future));
    for (auto& result : results)
        result.get();
    CHECK(std::ranges::all_of(sinks, [](const MemorySink& sink) { return sink.bytes == "abc"; }));
    CHECK(server.connection_count() <= 3);
}

TEST_CASE("the limit over all origins closes what is idle elsewhere")
{
    auto options = test::quick();
    options.connections = 1;
    ClientFixture fixture(options);
    FaultServer first, second;
    first.serve("/x", answer_with("one"));
    second.serve("/x", answer_with("two"));
    for (int i = 0; i != 3; ++i) {
        CHECK(fixture.get(first.uri("/x")) == "one");
        CHECK(fixture.get(second.uri("/x")) == "two");
    }
    CHECK(first.connection_count() == 3);
}

TEST_CASE("a second connection to a TLS server resumes the session of the first")
{
    const test::CertificateAuthority authority;
    test::TemporaryDirectory directory;
    auto options = test::quick();
    options.ca_file = directory.write("ca.pem", authority.certificate());
    ClientFixture fixture(options);
    FaultServer server(authority.issue("localhost"));
    auto answer = answer_with("abc");
    answer.headers = {{"Connection", "close"}};
    answer.close = true;
    server.serve("/x", answer);
    for (int i = 0; i != 3; ++i)
        CHECK(fixture.get(server.uri("/x", "localhost")) == "abc");
    CHECK(server.connection_count() == 3);
    CHECK(server.resumed_tls_sessions() == 2);
}

TEST_CASE("an http proxy is asked for the absolute URI, with its own credentials")
{
    FaultServer proxy;
    proxy.serve("http://models.example/x?y", answer_with("through"));
    auto options = test::quick();
    options.proxy.http = "http://me:secret@127.0.0.1:" + std::to_string(proxy.port());
    ClientFixture fixture(options);
    CHECK(fixture.get("http://models.example/x?y") == "through");
    const auto request = proxy.requests("http://models.example/x?y").at(0);
    CHECK(request.headers.at("proxy-authorization") == "Basic bWU6c2VjcmV0");
    CHECK(request.headers.at("host") == "models.example");
    CHECK(request.headers.count("authorization") == 0);
}

TEST_CASE("https goes through a proxy as a tunnel, and is verified behind it")
{
    const test::CertificateAuthority authority;
    test::TemporaryDirectory directory;
    auto options = test::quick();
    options.ca_file = directory.write("ca.pem", authority.certificate());
    FaultServer server(authority.issue("models.example"));
    server.serve("/x", answer_with("secret"));
    FaultServer proxy;
    const auto target = "models.example:" + std::to_string(server.port());
    options.proxy.https = "http://127.0.0.1:" + std::to_string(proxy.port());
    ClientFixture fixture(options);

    SECTION("a tunnel")
    {
        proxy.serve(target, Answer());
        CHECK(fixture.get(server.uri("/x", "models.example")) == "secret");
        CHECK(server.requests("/x").at(0).headers.count("proxy-authorization") == 0);
    }
    SECTION("a proxy that wants a password")
    {
        Answer refusal;
        refusal.status = 407;
        refusal.reason = "Proxy Authentication Required";
        proxy.serve(target, refusal);
        test::check_fails(fixture, server.uri("/x", "models.example"), errc::proxy_failed,
                          "http://user:password@proxy:port");
    }
}

TEST_CASE("netrc's credentials go to its host, and not along a redirect to another")
{
    test::TemporaryDirectory directory;
    auto options = test::quick();
    options.netrc = directory.write("netrc", "machine 127.0.0.1 login ann password one");
    ClientFixture fixture(options);
    FaultServer server, other;
    Answer redirect;
    redirect.status = 307;
    redirect.headers = {{"Location", other.uri("/there")}};
    server.serve("/here", redirect);
    other.serve("/there", answer_with("found"));
    CHECK(fixture.get(server.uri("/here")) == "found");
    CHECK(server.requests("/here").at(0).headers.at("authorization") == "Basic YW5uOm9uZQ==");
    CHECK(other.requests("/there").at(0).headers.count("authorization") == 0);
}

TEST_CASE("a resource that still has its entity tag is not sent again")
{
    ClientFixture fixture;
    FaultServer server;
    Answer same;
    same.status = 304;
    server.serve("/x", same);
    http::GetRequest request;
    request.uri = http::Uri::parse(server.uri("/x"));
    request.if_none_match = "\"v1\"";
    MemorySink sink;
    CHECK(fixture.start(request, sink, boost::asio::use_future).get().unchanged);
    CHECK(server.requests("/x").at(0).headers.at("if-none-match") == "\"v1\"");
    CHECK(sink.starts == 0);
}

TEST_CASE("a download ends at its deadline, whatever it is doing")
{
    auto options = test::quick();
    options.retry.attempts = 10;
    options.retry.first_backoff = options.retry.longest_backoff = 60s;
    ClientFixture fixture(options);
    FaultServer server;
    auto answer = answer_with("0123456789");
    SECTION("reading")
    {
        answer.stall_after = 5;
    }
    SECTION("waiting to try again")
    {
        answer.status = 503;
        answer.headers = {{"Retry-After", "20"}};
    }
    server.serve("/x", answer);
    http::GetRequest request;
    request.uri = http::Uri::parse(server.uri("/x"));
    request.deadline = 50ms;
    MemorySink sink;
    CHECK_THROWS_ERRC(fixture.start(request, sink, boost::asio::use_future).get(), errc::timed_out);
}

TEST_CASE("a server that drips is left, though it is never silent")
{
    auto options = test::quick();
    options.retry.attempts = 1;
    options.min_rate = 1'000'000;
    options.min_rate_window = 50ms;
    ClientFixture fixture(options);
    FaultServer server;
    auto answer = answer_with(test::bytes_of(10'000));
    answer.stall_after = 5'000;
    server.serve("/x", answer);
    test::check_fails(fixture, server.uri("/x"), errc::too_slow);
}

TEST_CASE("an encoding that was not asked for is not taken for the bytes")
{
    ClientFixture fixture;
    FaultServer server;
    auto answer = answer_with("squeezed");
    answer.headers = {{"Content-Encoding", "gzip"}};
    server.serve("/x", answer);
    test::check_fails(fixture, server.uri("/x"), errc::malformed_response, "gzip");
}
