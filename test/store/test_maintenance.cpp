#include "store/store_fixture.hpp"

#include <catch2/catch.hpp>

#include <fstream>

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace furiosa;
using namespace std::chrono_literals;
using test::request_for;
using test::source_of;
using test::StoreFixture;

namespace {

template <class T>
T get(StoreFixture& f, asio::awaitable<T> operation)
{
    return asio::co_spawn(f.context.io_executor(), std::move(operation), asio::use_future).get();
}

void put(StoreFixture& f, const std::string& content, std::chrono::hours unused_for = 0h)
{
    f.fetch(request_for(content), source_of(content));
    fs::last_write_time(f.store.blob_path(request_for(content).digest),
                        fs::file_time_type::clock::now() - unused_for);
}

bool holds(StoreFixture& f, const std::string& content)
{
    return fs::exists(f.store.blob_path(request_for(content).digest));
}

} // namespace

TEST_CASE("verify finds the blob whose bytes were changed, and removes it if asked to")
{
    StoreFixture f;
    put(f, "sound");
    put(f, "damaged");
    const auto path = f.store.blob_path(request_for("damaged").digest);
    fs::permissions(path, fs::perms::owner_all);
    std::ofstream(path) << "dAmaged";

    const auto found = get(f, f.store.verify());
    CHECK(found.blobs == 2);
    CHECK(found.bytes == 12);
    CHECK(found.damaged == std::vector<fs::path>{path});
    CHECK(fs::exists(path));
    get(f, f.store.verify(true));
    CHECK_FALSE(fs::exists(path));
    CHECK(f.fetch(request_for("damaged"), source_of("damaged")).text() == "damaged");
}

TEST_CASE("a store that is not there yet is sound, and there is nothing to collect")
{
    StoreFixture f;
    CHECK(get(f, f.store.verify()).blobs == 0);
    CHECK(get(f, f.store.gc({0, 0s})).removed == 0);
}

TEST_CASE("gc removes what was unused for the longest time until the rest fits")
{
    StoreFixture f;
    put(f, "oldest....", 30h);
    put(f, "older.....", 20h);
    put(f, "newest....", 10h);
    const auto report = get(f, f.store.gc({.max_size = 20}));
    CHECK_FALSE(holds(f, "oldest...."));
    CHECK(holds(f, "older....."));
    CHECK(holds(f, "newest...."));
    CHECK(report.removed == 1);
    CHECK(report.freed == 10);
    CHECK(report.kept == 20);
}

TEST_CASE("gc removes what is older than the limit, and using a blob makes it young")
{
    StoreFixture f;
    put(f, "unused", 100h);
    put(f, "used", 100h);
    f.fetch(request_for("used"), source_of("used"));
    get(f, f.store.gc({.max_age = 24h}));
    CHECK_FALSE(holds(f, "unused"));
    CHECK(holds(f, "used"));
}

TEST_CASE("gc leaves what is mapped, in this process or another")
{
    StoreFixture f;
    put(f, "mapped", 100h);
    auto bytes = f.store.find(request_for("mapped"));
    const auto report = get(f, f.store.gc({.max_size = 0}));
    CHECK(report.in_use == 1);
    CHECK(holds(f, "mapped"));
    CHECK(bytes->text() == "mapped");
    bytes.reset();
    CHECK(get(f, f.store.gc({.max_size = 0})).removed == 1);
    CHECK_FALSE(holds(f, "mapped"));
}

TEST_CASE("gc removes downloads that nobody went on with, but not those of living processes")
{
    StoreFixture f;
    const auto folder = f.store.root() / "partial";
    fs::create_directories(folder);
    const auto left = folder / "sha256-00.free.0000000000000001";
    const auto alive = folder / "sha256-00.0123456789abcdef-1-1.0000000000000002";
    for (const auto& path : {left, alive}) {
        std::ofstream(path) << "bytes";
        fs::last_write_time(path, fs::file_time_type::clock::now() - 100h);
    }
    get(f, f.store.gc({.max_age = 24h}));
    CHECK_FALSE(fs::exists(left));
    CHECK(fs::exists(alive));
}
