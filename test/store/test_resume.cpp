#include "store/store_fixture.hpp"
#include "support/throws_errc.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace furiosa;
using test::request_for;
using test::StoreFixture;

namespace {

std::string content_of(std::size_t size)
{
    std::string text(size, '\0');
    for (std::size_t i = 0; i != size; ++i)
        text[i] = static_cast<char>(i * 2654435761u >> 13);
    return text;
}

/// Gives bytes up to `until` and hangs up; goes on where the sink stands, if that is of version `validator`.
store::Source source_until(const std::string& content, std::size_t until,
                           std::shared_ptr<std::uint64_t> began, std::string validator = "\"v1\"")
{
    return [=](RangedSink& sink) {
        return [](RangedSink& to, std::string bytes, std::size_t end, std::shared_ptr<std::uint64_t> start,
                  std::string version) -> asio::awaitable<void> {
            *start = to.validator() == version ? to.position() : 0;
            to.set_validator(version);
            co_await to.start(*start, bytes.size());
            co_await test::pour(to, std::string_view(bytes).substr(*start, end - *start));
            if (end != bytes.size())
                throw_error(errc::truncated_body, "the server hung up");
        }(sink, content, until, began, validator);
    };
}

std::size_t partial_count(const StoreFixture& f)
{
    std::error_code error;
    std::size_t count = 0;
    for (fs::directory_iterator at(f.store.root() / "partial", error), end; !error && at != end; ++at)
        ++count;
    return count;
}

} // namespace

TEST_CASE("a download that broke off is gone on with, and digested from its first byte")
{
    StoreFixture f;
    const auto content = content_of(6'000'000);
    const auto began = std::make_shared<std::uint64_t>(1);
    CHECK_THROWS_ERRC(f.fetch(request_for(content), source_until(content, 4'000'000, began)),
                      errc::truncated_body);
    CHECK(*began == 0);
    CHECK(partial_count(f) == 1);

    const bool same =
        f.fetch(request_for(content), source_until(content, content.size(), began)).text() == content;
    CHECK(same);
    CHECK(*began == 4'000'000);
    CHECK(f.store.counters().resumed == 1);
    CHECK(partial_count(f) == 0);
}

TEST_CASE("a small download that broke off leaves nothing")
{
    StoreFixture f;
    const auto content = content_of(900'000);
    const auto began = std::make_shared<std::uint64_t>(0);
    CHECK_THROWS_ERRC(f.fetch(request_for(content), source_until(content, 800'000, began)),
                      errc::truncated_body);
    CHECK(partial_count(f) == 0);
}

TEST_CASE("when what was left turns out wrong, the whole is fetched once more")
{
    StoreFixture f;
    const auto content = content_of(6'000'000);
    auto wrong = content;
    wrong[1'000'000] = static_cast<char>(wrong[1'000'000] + 1);
    const auto began = std::make_shared<std::uint64_t>(0);
    CHECK_THROWS_ERRC(f.fetch(request_for(content), source_until(wrong, 4'000'000, began)),
                      errc::truncated_body);
    const bool same =
        f.fetch(request_for(content), source_until(content, content.size(), began)).text() == content;
    CHECK(same);
    CHECK(*began == 0);
    CHECK(partial_count(f) == 0);
}

TEST_CASE("bytes of another version than the server has now are not gone on with")
{
    StoreFixture f;
    const auto content = content_of(6'000'000);
    const auto began = std::make_shared<std::uint64_t>(0);
    CHECK_THROWS_ERRC(f.fetch(request_for(content), source_until(content, 4'000'000, began, "\"v0\"")),
                      errc::truncated_body);
    const bool same =
        f.fetch(request_for(content), source_until(content, content.size(), began, "\"v1\"")).text() ==
        content;
    CHECK(same);
    CHECK(*began == 0);
}

TEST_CASE("a damaged journal is not believed")
{
    StoreFixture f;
    const auto content = content_of(6'000'000);
    const auto began = std::make_shared<std::uint64_t>(0);
    CHECK_THROWS_ERRC(f.fetch(request_for(content), source_until(content, 4'000'000, began)),
                      errc::truncated_body);
    const auto left = fs::directory_iterator(f.store.root() / "partial")->path();
    SECTION("cut")
    {
        fs::resize_file(left, content.size() + 20);
    }
    SECTION("gone")
    {
        fs::resize_file(left, content.size());
    }
    SECTION("of ranges that lie outside")
    {
        std::ofstream(left, std::ios::in | std::ios::out).seekp(6'000'000)
            << "furiosa partial 1\n\"v1\"\n0 7000000\nend\n";
    }
    const bool same =
        f.fetch(request_for(content), source_until(content, content.size(), began)).text() == content;
    CHECK(same);
    CHECK(*began == 0);
    CHECK(f.file_count() == 1);
}

TEST_CASE("what a living process is writing is left to it")
{
    test::TemporaryDirectory folder;
    const auto content = content_of(6'000'000);
    const auto stem = "sha256-" + request_for(content).digest.hex();
    // process 1 lives as long as the machine or the container
    fs::create_directories(folder.path() / "partial");
    const auto other = folder.path() / "partial" / (stem + ".0123456789abcdef-1-1.0000000000000000");
    std::ofstream(other) << "somebody else's";
    StoreFixture f(folder.path());
    const auto began = std::make_shared<std::uint64_t>(0);
    const bool same =
        f.fetch(request_for(content), source_until(content, content.size(), began)).text() == content;
    CHECK(same);
    CHECK(fs::exists(other));
}

#ifndef FURIOSA_SANITIZED // a child that is killed is nothing for a sanitizer
TEST_CASE("what a killed process had fetched is gone on with")
{
    test::TemporaryDirectory folder;
    const auto content = content_of(40'000'000);
    const auto began = std::make_shared<std::uint64_t>(0);
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        StoreFixture f(folder.path());
        const auto stall = [&](RangedSink& sink) {
            return [](RangedSink& to, const std::string& bytes, int tell) -> asio::awaitable<void> {
                to.set_validator("\"v1\"");
                co_await to.start(0, bytes.size());
                co_await test::pour(to, std::string_view(bytes).substr(0, 20'000'000));
                // Every room is needed for the last bytes: when they are taken, those before are written.
                (void)!::write(tell, "x", 1);
                asio::steady_timer never(co_await asio::this_coro::executor,
                                         asio::steady_timer::time_point::max());
                co_await never.async_wait(asio::use_awaitable);
            }(sink, content, pipe[1]);
        };
        f.fetch(request_for(content), stall);
        ::_exit(0);
    }
    char told = 0;
    REQUIRE(::read(pipe[0], &told, 1) == 1);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    StoreFixture f(folder.path());
    const bool same =
        f.fetch(request_for(content), source_until(content, content.size(), began)).text() == content;
    CHECK(same);
    CHECK(*began >= 8'000'000); // at most the rooms and the bytes since the last journal are lost
    CHECK(f.store.counters().resumed == 1);
    CHECK(partial_count(f) == 0);
    ::close(pipe[0]);
    ::close(pipe[1]);
}
#endif
