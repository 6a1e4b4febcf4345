#include <furiosa/core/async_call.hpp>
#include <furiosa/core/run_until_complete.hpp>
#include <furiosa/http/client.hpp>
#include "support/certificates.hpp"
#include "http/client_fixture.hpp"
#include "support/fault_server.hpp"
#include "support/memory_sink.hpp"
#include "support/temporary_directory.hpp"
#include "support/throws_errc.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

namespace asio = boost::asio;
using namespace furiosa;
using namespace furiosa::http;
using namespace std::chrono_literals;
using test::Answer;
using test::answer_with;
using test::bytes_of;
using test::check_fails;
using test::quick;
using Fixture = test::ClientFixture;
using test::FaultServer;
using test::MemorySink;

TEST_CASE("a body arrives whole, however its length is told")
{
    Fixture fixture;
    FaultServer server;
    auto answer = answer_with(bytes_of(300'000));
    SECTION("Content-Length") {}
    SECTION("chunked") { answer.chunked = true; }
    SECTION("until the connection ends") { answer.until_close = true; }
    server.serve("/x", answer);
    const bool same = fixture.get(server.uri("/x")) == answer.body;
    CHECK(same);
}

TEST_CASE("an empty body is a body")
{
    Fixture fixture;
    FaultServer server;
    server.serve("/x", answer_with(""));
    CHECK(fixture.get(server.uri("/x")).empty());
}

TEST_CASE("connections are kept for the next request to the same origin")
{
    Fixture fixture;
    FaultServer server;
    server.serve("/x", answer_with("abc"));
    for (int i = 0; i != 5; ++i)
        CHECK(fixture.get(server.uri("/x")) == "abc");
    CHECK(server.connection_count() == 1);
}

TEST_CASE("a kept connection that the server has closed costs no attempt")
{
    auto options = quick();
    options.retry.attempts = 1;
    Fixture fixture(options);
    FaultServer server;
    auto closing = answer_with("abc");
    closing.close = true;
    server.serve("/x", closing);
    for (int i = 0; i != 3; ++i)
        CHECK(fixture.get(server.uri("/x")) == "abc");
    CHECK(server.connection_count() == 3);
}

TEST_CASE("a cut body is resumed with Range and If-Range")
{
    Fixture fixture;
    FaultServer server;
    auto answer = answer_with(bytes_of(100'000));
    answer.etag = "\"v1\"";
    auto cut = answer;
    cut.drop_after = 60'000;
    server.serve_once("/x", cut);
    server.serve("/x", answer);
    MemorySink sink;
    fixture.get(server.uri("/x"), sink);
    const bool same = sink.bytes == answer.body;
    CHECK(same);
    const auto requests = server.requests("/x");
    REQUIRE(requests.size() == 2);
    CHECK(requests[1].headers.at("range") == "bytes=60000-");
    CHECK(requests[1].headers.at("if-range") == "\"v1\"");
}

TEST_CASE("a resource that changed between two attempts comes whole and new")
{
    Fixture fixture;
    FaultServer server;
    auto old = answer_with(bytes_of(50'000));
    old.etag = "\"v1\"";
    old.drop_after = 20'000;
    server.serve_once("/x", old);
    auto fresh = answer_with(std::string(40'000, 'n'));
    fresh.etag = "\"v2\"";
    server.serve("/x", fresh);
    const bool same = fixture.get(server.uri("/x")) == fresh.body;
    CHECK(same);
}

TEST_CASE("redirects are followed, a loop of them is an error")
{
    Fixture fixture;
    FaultServer server;
    Answer redirect;
    redirect.status = 302;
    redirect.headers = {{"Location", "/there"}};
    server.serve("/here", redirect);
    server.serve("/there", answer_with("found"));
    CHECK(fixture.get(server.uri("/here")) == "found");

    redirect.headers = {{"Location", "/loop"}};
    server.serve("/loop", redirect);
    check_fails(fixture, server.uri("/loop"), errc::too_many_redirects);
    CHECK(server.request_count("/loop") == 11);
}

TEST_CASE("503 with Retry-After is tried again, one that stays is a server error")
{
    Fixture fixture;
    FaultServer server;
    Answer busy;
    busy.status = 503;
    busy.reason = "Service Unavailable";
    busy.headers = {{"Retry-After", "0"}};
    server.serve_once("/x", busy);
    server.serve("/x", answer_with("at last"));
    CHECK(fixture.get(server.uri("/x")) == "at last");
    server.serve("/busy", busy);
    check_fails(fixture, server.uri("/busy"), errc::server_error, "503 Service Unavailable");
}

TEST_CASE("each way of failing has its own code and names the URI")
{
    Fixture fixture;
    FaultServer server;
    SECTION("404")
    {
        check_fails(fixture, server.uri("/nothing"), errc::not_found, "404");
    }
    SECTION("500")
    {
        Answer broken;
        broken.status = 500;
        server.serve("/x", broken);
        check_fails(fixture, server.uri("/x"), errc::server_error, "500");
    }
    SECTION("403")
    {
        Answer forbidden;
        forbidden.status = 403;
        server.serve("/x", forbidden);
        check_fails(fixture, server.uri("/x"), errc::request_rejected, "credentials");
    }
    SECTION("truncated body")
    {
        auto answer = answer_with("0123456789");
        answer.claimed_length = 100;
        server.serve("/x", answer);
        check_fails(fixture, server.uri("/x"), errc::truncated_body);
        CHECK(server.request_count("/x") == 2);
    }
    SECTION("truncated chunked body")
    {
        auto answer = answer_with(bytes_of(5000));
        answer.chunked = true;
        answer.drop_after = 2000;
        server.serve("/x", answer);
        check_fails(fixture, server.uri("/x"), errc::truncated_body);
    }
    SECTION("garbage instead of a status line")
    {
        Answer garbage;
        garbage.raw = "SSH-2.0-OpenSSH_9.2\r\n\r\n";
        server.serve("/x", garbage);
        check_fails(fixture, server.uri("/x"), errc::malformed_response);
    }
    SECTION("a header without end")
    {
        Answer endless;
        endless.headers = {{"X-Padding", std::string(200'000, 'x')}};
        server.serve("/x", endless);
        check_fails(fixture, server.uri("/x"), errc::header_too_large);
    }
    SECTION("nobody listens")
    {
        check_fails(fixture, "http://127.0.0.1:" + std::to_string(test::unused_port()) + "/x",
                    errc::connection_refused);
    }
    SECTION("no such host")
    {
        check_fails(fixture, "http://nonexistent.invalid/x", errc::host_not_found, "nonexistent.invalid");
    }
}

TEST_CASE("a server that falls silent is left after the idle timeout")
{
    auto options = quick();
    options.idle_timeout = 50ms;
    options.retry.attempts = 1;
    Fixture fixture(options);
    FaultServer server;
    auto answer = answer_with(bytes_of(10'000));
    SECTION("in the body") { answer.stall_after = 5'000; }
    SECTION("in the header")
    {
        answer.raw = "HTTP/1.1 200 OK\r\nContent-Le";
        answer.stall_after = 0;
    }
    server.serve("/x", answer);
    check_fails(fixture, server.uri("/x"), errc::idle_timeout);
}

TEST_CASE("a cancelled download ends at once, with its own code")
{
    Fixture fixture;
    FaultServer server;
    auto answer = answer_with(bytes_of(10'000));
    answer.stall_after = 5'000;
    server.serve("/x", answer);
    asio::io_context loop;
    asio::cancellation_signal signal;
    boost::system::error_code code;
    MemorySink sink;
    fixture.start(server.uri("/x"), sink,
                  asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(loop, [&](std::exception_ptr e, GetResult) {
                                                   code = code_of(e);
                                               })));
    server.wait_for_requests("/x", 1);
    asio::post(loop, [&] { signal.emit(asio::cancellation_type::terminal); });
    loop.run();
    CHECK(code == errc::cancelled);
}

TEST_CASE("what the sink throws ends the download and comes through")
{
    struct Full : MemorySink
    {
        void commit(std::size_t) override { throw Error(errc::disk_full, "no room"); }
    };
    Fixture fixture;
    FaultServer server;
    server.serve("/x", answer_with("abc"));
    Full sink;
    CHECK_THROWS_ERRC(fixture.get(server.uri("/x"), sink), errc::disk_full);
    CHECK(server.request_count("/x") == 1);
}

TEST_CASE("TLS: the peer and its name are verified, and a refusal says why")
{
    const test::CertificateAuthority authority;
    test::TemporaryDirectory directory;
    auto options = quick();
    options.ca_file = directory.write("ca.pem", authority.certificate());
    Fixture fixture(options);

    SECTION("a good certificate")
    {
        FaultServer server(authority.issue("localhost"));
        server.serve("/x", answer_with(bytes_of(100'000)));
        const bool same = fixture.get(server.uri("/x", "localhost")) == bytes_of(100'000);
        CHECK(same);
    }
    SECTION("a good certificate for an address")
    {
        FaultServer server(authority.issue("127.0.0.1"));
        server.serve("/x", answer_with("abc"));
        CHECK(fixture.get(server.uri("/x")) == "abc");
    }
    SECTION("another host's")
    {
        FaultServer server(authority.issue("elsewhere.example"));
        check_fails(fixture, server.uri("/x", "localhost"), errc::tls_failed, "ostname mismatch");
    }
    SECTION("an expired one")
    {
        FaultServer server(authority.issue("localhost", -3600));
        check_fails(fixture, server.uri("/x", "localhost"), errc::tls_failed, "expired");
    }
    SECTION("one of an unknown authority")
    {
        FaultServer server(test::CertificateAuthority("somebody else").issue("localhost"));
        check_fails(fixture, server.uri("/x", "localhost"), errc::tls_failed, "issuer certificate");
    }
    SECTION("one that nobody but itself vouches for")
    {
        FaultServer server(test::CertificateAuthority::self_signed("localhost"));
        check_fails(fixture, server.uri("/x", "localhost"), errc::tls_failed, "self-signed certificate");
    }
    SECTION("a server that does not speak TLS")
    {
        FaultServer server;
        Answer garbage;
        garbage.raw = "HTTP/1.1 400 Bad Request\r\n\r\n";
        server.serve("/x", garbage);
        check_fails(fixture, "https://127.0.0.1:" + std::to_string(server.port()) + "/x", errc::tls_failed);
    }
}
