#include "http/client_fixture.hpp"
#include "support/throws_errc.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>

namespace asio = boost::asio;
using namespace furiosa;
using test::Answer;
using test::answer_with;
using test::bytes_of;
using test::ClientFixture;
using test::FaultServer;
using test::RangedMemorySink;

namespace {

constexpr std::size_t large = 20'000'000;

http::ClientOptions parallel()
{
    auto options = test::quick();
    options.parallel_threshold = 1'000'000;
    options.parallel_below_rate = UINT64_MAX;
    return options;
}

Answer large_answer(std::string etag = "\"v1\"")
{
    auto answer = answer_with(bytes_of(large));
    answer.etag = std::move(etag);
    return answer;
}

bool is_whole(const RangedMemorySink& sink, const Answer& answer)
{
    return sink.bytes == answer.body && sink.missing().empty();
}

} // namespace

TEST_CASE("a large resource comes over several connections, each range into its place")
{
    ClientFixture fixture(parallel());
    FaultServer server;
    const auto answer = large_answer();
    server.serve("/x", answer);
    RangedMemorySink sink(large, 65536);
    fixture.get(server.uri("/x"), sink);
    CHECK(is_whole(sink, answer));
    CHECK(server.connection_count() >= 2);
    CHECK(server.connection_count() <= 8);
    const auto requests = server.requests("/x");
    REQUIRE(requests.size() > 4);
    CHECK(requests[0].headers.count("if-range") == 0);
    for (std::size_t i = 1; i != requests.size(); ++i)
        CHECK(requests[i].headers.at("if-range") == "\"v1\"");
}

TEST_CASE("a server without ranges, or without a version of them, is asked for the whole on one connection")
{
    ClientFixture fixture(parallel());
    FaultServer server;
    auto answer = large_answer("");
    SECTION("no ranges") {}
    SECTION("ranges of no known version")
    {
        answer.ranges_without_etag = true;
    }
    SECTION("a weak entity tag")
    {
        answer.headers = {{"ETag", "W/\"v1\""}};
        answer.ranges_without_etag = true;
    }
    server.serve("/x", answer);
    RangedMemorySink sink(large, 65536);
    fixture.get(server.uri("/x"), sink);
    CHECK(is_whole(sink, answer));
    CHECK(server.request_count("/x") <= 2);
}

TEST_CASE("a small resource comes in one piece")
{
    ClientFixture fixture(parallel());
    FaultServer server;
    auto answer = answer_with(bytes_of(900'000));
    answer.etag = "\"v1\"";
    server.serve("/x", answer);
    RangedMemorySink sink(900'000);
    fixture.get(server.uri("/x"), sink);
    CHECK(is_whole(sink, answer));
    CHECK(server.request_count("/x") == 1);
    CHECK(sink.parts == 0);
}

TEST_CASE("a resource that changes between its ranges is fetched anew, not mixed")
{
    ClientFixture fixture(parallel());
    FaultServer server;
    auto old = large_answer();
    std::ranges::fill(old.body, 'o');
    for (int i = 0; i != 3; ++i)
        server.serve_once("/x", old);
    const auto fresh = large_answer("\"v2\"");
    server.serve("/x", fresh);
    RangedMemorySink sink(large, 65536);
    fixture.get(server.uri("/x"), sink);
    CHECK(is_whole(sink, fresh));
}

TEST_CASE("a server that answers a range with another version's bytes is not believed")
{
    ClientFixture fixture(parallel());
    FaultServer server;
    const auto good = large_answer();
    server.serve_once("/x", good);
    auto lying = good;
    lying.headers = {{"ETag", "\"v2\""}};
    lying.etag = "";
    lying.ranges_without_etag = true;
    std::ranges::fill(lying.body, 'l');
    // If-Range is ignored: whatever is asked for comes of another version
    server.serve_once("/x", lying);
    server.serve("/x", good);
    RangedMemorySink sink(large, 65536);
    fixture.get(server.uri("/x"), sink);
    CHECK(is_whole(sink, good));
}

TEST_CASE("connections that break are continued where they broke")
{
    auto options = parallel();
    options.retry.attempts = 4;
    ClientFixture fixture(options);
    FaultServer server;
    const auto good = large_answer();
    auto cut = good;
    cut.drop_after = 1'500'000;
    server.serve_once("/x", good);
    for (int i = 0; i != 3; ++i)
        server.serve_once("/x", cut);
    server.serve("/x", good);
    RangedMemorySink sink(large, 65536);
    fixture.get(server.uri("/x"), sink);
    CHECK(is_whole(sink, good));
}

TEST_CASE("a server that wants fewer connections gets fewer")
{
    ClientFixture fixture(parallel());
    FaultServer server;
    const auto good = large_answer();
    Answer busy;
    busy.status = GENERATE(429u, 503u);
    server.serve_once("/x", good);
    server.serve_once("/x", busy);
    server.serve_once("/x", busy);
    server.serve("/x", good);
    RangedMemorySink sink(large, 65536);
    fixture.get(server.uri("/x"), sink);
    CHECK(is_whole(sink, good));
}

TEST_CASE("what is there already is not asked for again")
{
    ClientFixture fixture(parallel());
    FaultServer server;
    const auto answer = large_answer();
    server.serve("/x", answer);
    RangedMemorySink sink(large, 65536);
    sink.adopt({0, 9'000'000}, answer.body, "\"v1\"");
    sink.adopt({12'000'000, 19'000'000}, answer.body, "\"v1\"");
    fixture.get(server.uri("/x"), sink);
    CHECK(is_whole(sink, answer));
    for (const auto& request : server.requests("/x")) {
        const auto& range = request.headers.at("range");
        CHECK((range.starts_with("bytes=9") || range.starts_with("bytes=1")));
        CHECK_FALSE(range.starts_with("bytes=0"));
    }

    SECTION("but not when it is of another version")
    {
        RangedMemorySink stale(large, 65536);
        stale.adopt({0, 9'000'000}, std::string(large, 's'), "\"v0\"");
        fixture.get(server.uri("/x"), stale);
        CHECK(is_whole(stale, answer));
    }
}

TEST_CASE("the failure of one range is that of the download, and ends the others")
{
    ClientFixture fixture(parallel());
    FaultServer server;
    const auto good = large_answer();
    Answer gone;
    gone.status = 404;
    server.serve_once("/x", good);
    server.serve("/x", gone);
    RangedMemorySink sink(large, 65536);
    CHECK_THROWS_ERRC(fixture.get(server.uri("/x"), sink), errc::not_found);
}

TEST_CASE("cancelling a download over several connections ends them all")
{
    ClientFixture fixture(parallel());
    FaultServer server;
    auto stalling = large_answer();
    stalling.stall_after = 1'000'000;
    server.serve("/x", stalling);
    asio::io_context loop;
    asio::cancellation_signal signal;
    boost::system::error_code code;
    RangedMemorySink sink(large, 65536);
    fixture.start(server.uri("/x"), sink,
                  asio::bind_cancellation_slot(
                      signal.slot(), asio::bind_executor(loop, [&](std::exception_ptr e, http::GetResult) {
                          code = code_of(e);
                      })));
    server.wait_for_requests("/x", 4);
    asio::post(loop, [&] { signal.emit(asio::cancellation_type::terminal); });
    loop.run();
    CHECK(code == errc::cancelled);
}

TEST_CASE("further connections join when the first one is slow, and only then")
{
    auto options = parallel();
    SECTION("fast")
    {
        options.parallel_below_rate = 0;
    }
    SECTION("slow")
    {
        options.parallel_below_rate = UINT64_MAX - 1;
    }
    ClientFixture fixture(options);
    FaultServer server;
    auto answer = large_answer();
    server.serve("/x", answer);
    if (options.parallel_below_rate == 0) {
        RangedMemorySink sink(large, 65536);
        fixture.get(server.uri("/x"), sink);
        CHECK(is_whole(sink, answer));
        CHECK(server.connection_count() == 1);
    } else {
        // The first connection stalls, so that there is time to see the others come.
        auto stalling = answer;
        stalling.stall_after = 1'000'000;
        server.serve_once("/x", stalling);
        RangedMemorySink sink(large, 65536);
        auto result = fixture.start(server.uri("/x"), sink, asio::use_future);
        server.wait_for_requests("/x", 4);
        CHECK(server.connection_count() >= 4);
        fixture.end();
        CHECK_THROWS_ERRC(result.get(), errc::cancelled);
    }
}
