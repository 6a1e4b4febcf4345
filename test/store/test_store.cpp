#include "store/store_fixture.hpp"
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

namespace asio = boost::asio;
using namespace furiosa;
using test::request_for;
using test::source_of;
using test::StoreFixture;

TEST_CASE("a fetched blob lies under its digest, read-only, with nothing beside it")
{
    const auto algorithm = GENERATE(store::DigestAlgorithm::sha256, store::DigestAlgorithm::md5);
    StoreFixture f;
    const std::string content(3'000'000, 'x');
    const auto request = request_for(content, algorithm);
    const auto bytes = f.fetch(request, source_of(content));
    CHECK(bytes.text() == content);

    const auto hex = request.digest.hex();
    const auto path = f.store.root() / "blobs" / std::string(to_string(algorithm)) / hex.substr(0, 2) / hex;
    struct stat status = {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0444);
    CHECK(f.file_count() == 1);
}

TEST_CASE("what is in the store is not asked for again")
{
    StoreFixture f;
    const auto asked = std::make_shared<int>(0);
    f.fetch(request_for("abc"), source_of("abc", asked));
    CHECK(f.fetch(request_for("abc"), source_of("abc", asked)).text() == "abc");
    CHECK(*asked == 1);
    CHECK(f.store.counters().hits == 1);
    CHECK(f.store.counters().downloads == 1);
    CHECK(f.store.find(request_for("abc"))->text() == "abc");
    CHECK_FALSE(f.store.find(request_for("abcd")));
}

TEST_CASE("an empty blob is a blob")
{
    StoreFixture f;
    CHECK(f.fetch(request_for(""), source_of("")).empty());
    CHECK(f.store.find(request_for("")));
}

TEST_CASE("wrong bytes are refused, and nothing is left that a later call would trust")
{
    StoreFixture f;
    const std::string content(100'000, 'a');
    auto flipped = content;
    flipped[70'000] = 'b';
    CHECK_THROWS_ERRC(f.fetch(request_for(content), source_of(flipped)), errc::digest_mismatch);
    CHECK_THROWS_ERRC(f.fetch(request_for(content), source_of(content + "a")), errc::size_mismatch);
    CHECK_THROWS_ERRC(f.fetch(request_for(content), source_of(content.substr(1))), errc::size_mismatch);
    CHECK(f.file_count() == 0);
    CHECK(f.store.counters().refused == 3);
    CHECK(f.fetch(request_for(content), source_of(content)).text() == content);
}

TEST_CASE("more bytes than the manifest says are not written, even when no length was announced")
{
    StoreFixture f;
    const auto endless = [](ByteSink& sink) -> asio::awaitable<void> {
        co_await sink.start(0, std::nullopt);
        for (;;)
            co_await test::pour(sink, "more and more ");
    };
    CHECK_THROWS_ERRC(f.fetch(request_for("abc"), endless), errc::size_mismatch);
    CHECK(f.file_count() == 0);
}

TEST_CASE("a source may start again from the beginning")
{
    StoreFixture f;
    const std::string content(2'000'000, 'z');
    const auto twice = [](ByteSink& sink) -> asio::awaitable<void> {
        co_await sink.start(0, std::nullopt);
        co_await test::pour(sink, std::string(1'500'000, 'q'));
        co_await sink.start(0, 2'000'000);
        co_await test::pour(sink, std::string(2'000'000, 'z'));
    };
    CHECK(f.fetch(request_for(content), twice).text() == content);
    CHECK(f.file_count() == 1);
}

TEST_CASE("what the source throws comes through, and leaves nothing")
{
    StoreFixture f;
    const auto broken = [](ByteSink& sink) -> asio::awaitable<void> {
        co_await sink.start(0, 3);
        co_await test::pour(sink, "ab");
        throw_error(errc::truncated_body, "the server hung up");
    };
    CHECK_THROWS_ERRC(f.fetch(request_for("abc"), broken), errc::truncated_body);
    CHECK(f.file_count() == 0);
}

TEST_CASE("a blob that changed its size was tampered with: the error names the file")
{
    StoreFixture f;
    const auto request = request_for("abc");
    f.fetch(request, source_of("abc"));
    const auto path = f.store.blob_path(request.digest);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    std::ofstream(path) << "much longer than before";
    CHECK_THROWS_ERRC(f.store.find(request), errc::size_mismatch);
    try {
        f.fetch(request, source_of("abc"));
        FAIL("nothing was thrown");
    } catch (const Error& error) {
        CHECK_THAT(error.what(), Catch::Contains(path.native()));
    }
}

TEST_CASE("a store that cannot be written says where, and names the mend")
{
    test::TemporaryDirectory folder;
    const auto file = folder.write("a file", "where a folder should be");
    StoreFixture f(file / "store");
    try {
        f.fetch(request_for("abc"), source_of("abc"));
        FAIL("nothing was thrown");
    } catch (const Error& error) {
        INFO(error.what());
        CHECK(error.code() == errc::store_not_writable);
        CHECK_THAT(error.what(), Catch::Contains("FURIOSA_CACHE_HOME") && Catch::Contains(file.native()));
    }
}

TEST_CASE("progress grows, and ends with the total")
{
    StoreFixture f;
    const std::string content(5'000'000, 'p');
    std::vector<store::Progress> reports;
    f.fetch(request_for(content), source_of(content), [&](store::Progress progress) { reports.push_back(progress); });
    REQUIRE_FALSE(reports.empty());
    CHECK(std::ranges::is_sorted(reports, {}, &store::Progress::done));
    CHECK(reports.back().done == content.size());
    for (const auto& report : reports)
        CHECK(report.total == content.size());
}

TEST_CASE("the root is the first of the environment's choices that is set")
{
    const auto root_with = [](const char* cache_home, const char* xdg, const char* home) {
        ::setenv("FURIOSA_CACHE_HOME", cache_home, 1);
        ::setenv("XDG_CACHE_HOME", xdg, 1);
        ::setenv("HOME", home, 1);
        Context context(1);
        return store::Store(context).root().native();
    };
    const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
    CHECK(root_with("/a", "/b", "/c") == "/a");
    CHECK(root_with("", "/b", "/c") == "/b/furiosa");
    CHECK(root_with("", "", "/c") == "/c/.cache/furiosa");
    CHECK_THROWS_ERRC(root_with("", "", ""), errc::store_not_writable);
    ::setenv("HOME", home.c_str(), 1);
}
