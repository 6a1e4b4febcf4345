#include "store/store_fixture.hpp"
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace furiosa;
using test::request_for;
using test::source_of;

namespace {

mode_t mode_of(const fs::path& path)
{
    struct stat status;
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

/// A store with what a layer below it has.
struct Layered
{
    explicit Layered(const fs::path& layer)
        : store(context.emplace<store::Store>(store::StoreOptions{folder.path() / "store", {layer}}))
    {
    }

    SharedBytes fetch(std::string content, std::shared_ptr<int> asked)
    {
        return boost::asio::co_spawn(context.io_executor(), store.fetch(request_for(content), source_of(content, asked)),
                                     boost::asio::use_future)
            .get();
    }

    test::TemporaryDirectory folder;
    Context context{2};
    store::Store& store;
};

} // namespace

TEST_CASE("what a layer has is neither fetched nor copied")
{
    test::StoreFixture baked;
    baked.fetch(request_for("in the image"), source_of("in the image"));
    baked.store.put_program("key", SharedBytes::copy_of("program"));
    baked.store.put_manifest("https://host/artifacts.json", {SharedBytes::copy_of("{}"), "\"1\""});

    Layered layered(baked.store.root());
    const auto asked = std::make_shared<int>(0);
    CHECK(layered.fetch("in the image", asked).text() == "in the image");
    CHECK(*asked == 0);
    CHECK(layered.store.find_program("key")->text() == "program");
    CHECK(layered.store.find_manifest("https://host/artifacts.json")->etag == "\"1\"");
    CHECK_FALSE(fs::exists(layered.store.root() / "blobs"));
}

TEST_CASE("what a layer lacks, or has damaged, goes to the root")
{
    test::StoreFixture baked;
    baked.fetch(request_for("good"), source_of("good"));
    const auto blob = baked.store.blob_path(request_for("good").digest);
    fs::permissions(blob, fs::perms::owner_write, fs::perm_options::add);
    fs::resize_file(blob, 2);

    Layered layered(baked.store.root());
    const auto asked = std::make_shared<int>(0);
    CHECK(layered.fetch("good", asked).text() == "good");
    CHECK(layered.fetch("other", asked).text() == "other");
    CHECK(*asked == 2);
    CHECK(fs::exists(layered.store.blob_path(request_for("good").digest)));
}

TEST_CASE("a manifest is kept with its entity tag until the next one")
{
    test::StoreFixture f;
    CHECK_FALSE(f.store.find_manifest("https://host/a.json"));
    f.store.put_manifest("https://host/a.json", {SharedBytes::copy_of("one"), "W/\"a b\""});
    CHECK(f.store.find_manifest("https://host/a.json")->text.text() == "one");
    CHECK(f.store.find_manifest("https://host/a.json")->etag == "W/\"a b\"");
    f.store.put_manifest("https://host/a.json", {SharedBytes::copy_of("two"), ""});
    CHECK(f.store.find_manifest("https://host/a.json")->text.text() == "two");
    CHECK(f.store.find_manifest("https://host/a.json")->etag.empty());
    CHECK_FALSE(f.store.find_manifest("https://host/b.json"));
}

TEST_CASE("folders in a shared store get the permissions of its root")
{
    test::TemporaryDirectory folder;
    const auto root = folder.path() / "shared";
    fs::create_directory(root);
    REQUIRE(::chmod(root.c_str(), 02777) == 0);
    test::StoreFixture f(root);
    f.fetch(request_for("abc"), source_of("abc"));
    CHECK(mode_of(root / "partial") == 02777);
    CHECK(mode_of(f.store.blob_path(request_for("abc").digest).parent_path()) == 02777);
    CHECK(mode_of(f.store.blob_path(request_for("abc").digest)) == 0444);
}

TEST_CASE("several users fill and read one shared store")
{
    if (::geteuid() != 0) {
        WARN("skipped: only root can be two users");
        return;
    }
    test::TemporaryDirectory folder;
    fs::permissions(folder.path(), fs::perms::all);
    const auto root = folder.path() / "shared";
    fs::create_directory(root);
    REQUIRE(::chmod(root.c_str(), 01777) == 0);
    for (const uid_t user : {60001u, 60002u}) {
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            int code = 1;
            if (::setgid(user) == 0 && ::setuid(user) == 0) {
                try {
                    test::StoreFixture f(root);
                    const auto own = std::to_string(user);
                    const bool both = f.fetch(request_for("common"), source_of("common")).text() == "common" &&
                                      f.fetch(request_for(own), source_of(own)).text() == own;
                    code = both ? 0 : 2;
                } catch (const Error& error) {
                    ::fprintf(stderr, "user %u: %s\n", user, error.what());
                }
            }
            ::_exit(code);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
    }
}

TEST_CASE("a download that another process makes is waited for, and its blob taken")
{
    test::StoreFixture f;
    const std::string content(2'000'000, 'x');
    const auto request = request_for(content);
    fs::create_directories(f.store.root() / "locks");
    const auto lock = f.store.root() / "locks" / ("sha256-" + request.digest.hex());
    const int other = ::open(lock.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0444);
    REQUIRE(::flock(other, LOCK_EX) == 0); // a descriptor of its own: as good as another process

    const auto asked = std::make_shared<int>(0);
    auto waiting = boost::asio::co_spawn(f.context.io_executor(), f.store.fetch(request, source_of(content, asked)),
                                         boost::asio::use_future);
    CHECK(waiting.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout);
    SECTION("which has arrived")
    {
        const auto blob = f.store.blob_path(request.digest);
        fs::create_directories(blob.parent_path());
        f.folder.write("arrived", content);
        fs::rename(f.folder.path() / "arrived", blob);
        CHECK(waiting.get().size() == content.size());
        CHECK(*asked == 0);
        CHECK(f.store.counters().awaited == 1);
        ::close(other);
    }
    SECTION("or taken over, when it broke off")
    {
        ::close(other);
        CHECK(waiting.get().size() == content.size());
        CHECK(*asked == 1);
    }
    CHECK(f.store.counters().downloads == static_cast<std::uint64_t>(*asked));
}
