#include <furiosa/http/download_machine.hpp>
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>

using namespace furiosa;
using namespace furiosa::http;
using namespace std::chrono_literals;
using Machine = DownloadMachine;

namespace {

Machine machine_for(std::string_view uri, RetryPolicy policy = {}, double random = 1.0)
{
    GetRequest request;
    request.uri = Uri::parse(uri);
    request.max_size = 1000;
    return Machine(request, policy, [random] { return random; },
                   [] { return std::chrono::sys_days{std::chrono::year(2026) / 11 / 24}; });
}

ResponseHead head(unsigned status)
{
    ResponseHead h;
    h.status = status;
    return h;
}

ResponseHead redirect_to(std::string location)
{
    auto h = head(302);
    h.location = std::move(location);
    return h;
}

std::string header(const Machine::Ask& ask, std::string_view name)
{
    for (const auto& [n, value] : ask.headers)
        if (n == name)
            return value;
    return "";
}

Error error_of(const Machine::Action& action)
{
    REQUIRE(std::holds_alternative<Machine::Fail>(action));
    return std::get<Machine::Fail>(action).error;
}

Machine::Ask asked(const Machine::Action& action)
{
    REQUIRE(std::holds_alternative<Machine::Ask>(action));
    return std::get<Machine::Ask>(action);
}

const Error truncated(errc::truncated_body, "cut");

} // namespace

TEST_CASE("a plain download asks, takes the body and is done")
{
    auto machine = machine_for("http://h/x");
    const auto ask = asked(machine.start(0));
    CHECK(ask.uri.to_string() == "http://h/x");
    CHECK(header(ask, "Range").empty());
    auto h = head(200);
    h.content_length = 10;
    const auto take = std::get<Machine::TakeBody>(machine.on_response(h));
    CHECK(take.offset == 0);
    CHECK(take.total == 10u);
    CHECK(std::holds_alternative<Machine::Done>(machine.on_body_end(10)));
}

TEST_CASE("a cut download is resumed where it broke, if the resource is still the same")
{
    auto machine = machine_for("http://h/x");
    machine.start(0);
    auto h = head(200);
    h.content_length = 100;
    h.etag = "\"v1\"";
    machine.on_response(h);
    CHECK(std::holds_alternative<Machine::Wait>(machine.on_failure(truncated, 40)));
    const auto ask = asked(machine.on_waited());
    CHECK(header(ask, "Range") == "bytes=40-");
    CHECK(header(ask, "If-Range") == "\"v1\"");

    SECTION("the server gives the rest")
    {
        auto rest = head(206);
        rest.content_range = "bytes 40-99/100";
        rest.content_length = 60;
        const auto take = std::get<Machine::TakeBody>(machine.on_response(rest));
        CHECK(take.offset == 40);
        CHECK(take.total == 100u);
    }
    SECTION("the resource changed, or the server knows no ranges: it starts again")
    {
        CHECK(std::get<Machine::TakeBody>(machine.on_response(h)).offset == 0);
    }
    SECTION("the server answers with another range: the whole is asked for")
    {
        auto rest = head(206);
        rest.content_range = GENERATE("bytes 0-99/100", "bytes 40-99/50", "bytes 40-30/100", "bytes 40-60/100", "", "x");
        CHECK(std::holds_alternative<Machine::Wait>(machine.on_response(rest)));
        CHECK(header(asked(machine.on_waited()), "Range").empty());
    }
    SECTION("the resource is shorter now")
    {
        machine.on_response(head(416));
        CHECK(header(asked(machine.on_waited()), "Range").empty());
    }
}

TEST_CASE("without a strong validator nothing is resumed")
{
    auto machine = machine_for("http://h/x");
    machine.start(0);
    auto h = head(200);
    h.etag = "W/\"weak\"";
    machine.on_response(h);
    machine.on_failure(truncated, 40);
    CHECK(header(asked(machine.on_waited()), "Range").empty());
}

TEST_CASE("redirects are followed up to a limit")
{
    RetryPolicy policy;
    policy.max_redirects = 2;
    auto machine = machine_for("http://h/a/b", policy);
    machine.start(0);
    CHECK(asked(machine.on_response(redirect_to("../c"))).uri.to_string() == "http://h/c");
    CHECK(asked(machine.on_response(redirect_to("http://other/d"))).uri.host == "other");
    CHECK(error_of(machine.on_response(redirect_to("/e"))).code() == errc::too_many_redirects);
}

TEST_CASE("a redirect may not leave encryption, nor http")
{
    auto machine = machine_for("https://h/x");
    machine.start(0);
    CHECK(error_of(machine.on_response(redirect_to("http://h/x"))).code() == errc::insecure_redirect);
    auto plain = machine_for("http://h/x");
    plain.start(0);
    CHECK(error_of(plain.on_response(redirect_to("file:///etc/passwd"))).code() == errc::malformed_response);
    CHECK(error_of(plain.on_response(redirect_to("http://a b/"))).code() == errc::malformed_response);
}

TEST_CASE("credentials stay with their origin")
{
    auto machine = machine_for("https://user:secret@h/x");
    const auto first = asked(machine.start(0));
    CHECK(header(first, "Authorization") == "Basic dXNlcjpzZWNyZXQ=");
    const auto same = asked(machine.on_response(redirect_to("https://h:443/y")));
    CHECK_FALSE(header(same, "Authorization").empty());
    const auto other = asked(machine.on_response(redirect_to("https://elsewhere/y")));
    CHECK(header(other, "Authorization").empty());
}

TEST_CASE("a passing failure is retried with growing, jittered pauses, then reported")
{
    RetryPolicy policy;
    policy.attempts = 4;
    policy.first_backoff = 100ms;
    policy.longest_backoff = 250ms;
    auto machine = machine_for("http://h/x", policy);
    machine.start(0);
    std::vector<std::chrono::milliseconds> pauses;
    auto action = machine.on_response(head(503));
    while (const auto* wait = std::get_if<Machine::Wait>(&action)) {
        pauses.push_back(wait->time);
        machine.on_waited();
        action = machine.on_response(head(503));
    }
    CHECK(pauses == std::vector<std::chrono::milliseconds>{100ms, 200ms, 250ms});
    const auto error = error_of(action);
    CHECK(error.code() == errc::server_error);
    CHECK(std::string(error.what()).find("http://h/x: the server answered 503") == 0);
    CHECK(std::string(error.what()).find("4 attempts") != std::string::npos);

    auto half = machine_for("http://h/x", policy, 0.5);
    half.start(0);
    CHECK(std::get<Machine::Wait>(half.on_response(head(503))).time == 50ms);
}

TEST_CASE("Retry-After is obeyed in both forms, within reason")
{
    auto machine = machine_for("http://h/x");
    machine.start(0);
    auto h = head(503);
    h.retry_after = "7";
    CHECK(std::get<Machine::Wait>(machine.on_response(h)).time == 7s);
    h.retry_after = "Tue, 24 Nov 2026 00:00:09 GMT";
    CHECK(std::get<Machine::Wait>(machine.on_response(h)).time == 9s);
    h.retry_after = "3600";
    CHECK(error_of(machine.on_response(h)).code() == errc::server_error);
}

TEST_CASE("what cannot get better is not retried")
{
    const auto [status, code] = GENERATE(table<unsigned, errc>({{404, errc::not_found},
                                                                {410, errc::not_found},
                                                                {403, errc::request_rejected},
                                                                {501, errc::server_error},
                                                                {304, errc::malformed_response},
                                                                {206, errc::malformed_response}}));
    RetryPolicy policy;
    policy.attempts = status == 206 ? 1 : 4;
    auto machine = machine_for("http://h/x", policy);
    machine.start(0);
    CHECK(error_of(machine.on_response(head(status))).code() == code);
    auto tls = machine_for("https://h/x");
    tls.start(0);
    CHECK(error_of(tls.on_failure(Error(errc::tls_failed, "expired"), 0)).code() == errc::tls_failed);
}

TEST_CASE("a body that announces itself too large is not taken")
{
    auto machine = machine_for("http://h/x");
    machine.start(0);
    auto h = head(200);
    h.content_length = 1001;
    CHECK(error_of(machine.on_response(h)).code() == errc::body_too_large);
}

TEST_CASE("a range of a resource that is too large as a whole is refused before the body")
{
    auto machine = machine_for("http://h/x");
    machine.start_range({200, 300}, "\"v\"");
    auto h = head(206);
    h.content_range = "bytes 200-299/1001";
    CHECK(error_of(machine.on_response(h)).code() == errc::body_too_large);
}

TEST_CASE("a server that drips is given up after the usual number of attempts")
{
    auto machine = machine_for("http://h/x");
    machine.start(0);
    auto h = head(200);
    h.etag = "\"v\"";
    machine.on_response(h);
    unsigned failures = 0;
    for (std::uint64_t position = 1; position != 100; ++position, ++failures)
        if (std::holds_alternative<Machine::Fail>(machine.on_failure(truncated, position)))
            break;
    CHECK(failures == 3);
}
