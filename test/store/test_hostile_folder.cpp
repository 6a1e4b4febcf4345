#include "store/store_fixture.hpp"
#include "support/throws_errc.hpp"

#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace furiosa;
using test::request_for;
using test::source_of;
using test::StoreFixture;

namespace {

/// Root may write everywhere; while this lives, root is nobody. The system call itself is of this thread alone, and of
/// those that it starts.
class NotRoot
{
public:
    NotRoot() { become(nobody); }
    NotRoot(const NotRoot&) = delete;
    NotRoot& operator=(const NotRoot&) = delete;
    ~NotRoot() { become(0); }

private:
    static constexpr uid_t nobody = 65534;

    void become(uid_t user) const
    {
        if (was_root_)
            ::syscall(SYS_setresuid, -1, user, -1);
    }

    const bool was_root_ = ::geteuid() == 0;
};

/// A folder with these permissions, in one that everybody may look into.
fs::path folder_with_mode(const test::TemporaryDirectory& parent, mode_t mode)
{
    const auto path = parent.path() / "folder";
    fs::create_directory(path);
    ::chmod(parent.path().c_str(), 0755);
    ::chmod(path.c_str(), mode);
    return path;
}

void check_not_writable(StoreFixture& f, const std::string& named)
{
    try {
        f.fetch(request_for("abc"), source_of("abc"));
        FAIL_CHECK("it was written");
    } catch (const Error& error) {
        INFO(error.what());
        CHECK(error.code() == errc::store_not_writable);
        CHECK_THAT(error.what(), Catch::Contains(named) && Catch::Contains("Permission denied") &&
                                     Catch::Contains("FURIOSA_CACHE_HOME"));
    }
}

/// Gives all of `content`, and calls `between` when half of it has come.
template <class Function>
store::Source source_with_event(const std::string& content, Function between)
{
    return [content, between](RangedSink& sink) {
        return [](RangedSink& to, std::string bytes, Function event) -> asio::awaitable<void> {
            co_await to.start(0, bytes.size());
            co_await test::pour(to, std::string_view(bytes).substr(0, bytes.size() / 2));
            event();
            co_await test::pour(to, std::string_view(bytes).substr(bytes.size() / 2));
        }(sink, content, between);
    };
}

} // namespace

TEST_CASE("a store in a folder that may not be written to: the error names it and the mend")
{
    const test::TemporaryDirectory parent;
    const auto folder = folder_with_mode(parent, 0555);
    const NotRoot not_root;
    StoreFixture f(folder / "store");
    check_not_writable(f, (folder / "store").native());
}

TEST_CASE("a store whose folder of downloads may not be written to")
{
    const test::TemporaryDirectory parent;
    const auto folder = folder_with_mode(parent, 0755);
    fs::create_directory(folder / "partial");
    ::chmod((folder / "partial").c_str(), 0555);
    const NotRoot not_root;
    StoreFixture f(folder);
    check_not_writable(f, (folder / "partial").native());
}

TEST_CASE("a store whose folder of blobs may not be written to: nothing is left behind")
{
    const test::TemporaryDirectory parent;
    const auto folder = folder_with_mode(parent, 0777);
    fs::create_directory(folder / "blobs");
    ::chmod((folder / "blobs").c_str(), 0555);
    const NotRoot not_root;
    StoreFixture f(folder);
    check_not_writable(f, (folder / "blobs").native());
    CHECK(f.file_count() == 0);
}

TEST_CASE("a store that may be read but not written to still gives what it has")
{
    const test::TemporaryDirectory parent;
    const auto folder = folder_with_mode(parent, 0755);
    {
        StoreFixture f(folder);
        f.fetch(request_for("abc"), source_of("abc"));
    }
    ::chmod(folder.c_str(), 0555);
    const NotRoot not_root;
    StoreFixture f(folder);
    CHECK(f.fetch(request_for("abc"), source_of("another")).text() == "abc");
}

TEST_CASE("a blob that may not be read is a clear error")
{
    const test::TemporaryDirectory parent;
    const auto folder = folder_with_mode(parent, 0755);
    StoreFixture f(folder);
    f.fetch(request_for("abc"), source_of("abc"));
    const auto blob = f.store.blob_path(request_for("abc").digest);
    ::chmod(blob.c_str(), 0);
    const NotRoot not_root;
    try {
        f.store.find(request_for("abc"));
        FAIL("it was read");
    } catch (const Error& error) {
        CHECK(error.code() == errc::io_error);
        CHECK_THAT(error.what(), Catch::Contains(blob.native()) && Catch::Contains("Permission denied"));
    }
}

TEST_CASE("a store that is deleted during a download: a clear error, and the next fetch works")
{
    StoreFixture f;
    const std::string content(3'000'000, 'd');
    const auto root = f.store.root();
    try {
        f.fetch(request_for(content), source_with_event(content, [root] { fs::remove_all(root); }));
        FAIL("a file without a name was put under one");
    } catch (const Error& error) {
        INFO(error.what());
        CHECK(error.code() == errc::io_error);
        CHECK_THAT(error.what(), Catch::Contains(root.native()) && Catch::Contains("No such file"));
    }
    const bool same = f.fetch(request_for(content), source_of(content)).text() == content;
    CHECK(same);
}

TEST_CASE("a store that becomes a file during a download: a clear error")
{
    StoreFixture f;
    const std::string content(3'000'000, 'd');
    const auto root = f.store.root();
    const auto replace = [root] {
        fs::remove_all(root);
        std::ofstream(root) << "no folder";
    };
    CHECK_THROWS_ERRC(f.fetch(request_for(content), source_with_event(content, replace)), errc::store_not_writable);
    fs::remove(root);
    const bool same = f.fetch(request_for(content), source_of(content)).text() == content;
    CHECK(same);
}

TEST_CASE("a store that is deleted while its blobs are mapped: they stay readable, and the next fetch works")
{
    StoreFixture f;
    const std::string content(3'000'000, 'm');
    const auto mapped = f.fetch(request_for(content), source_of(content));
    fs::remove_all(f.store.root());
    bool same = mapped.text() == content;
    CHECK(same);
    const auto asked = std::make_shared<int>(0);
    same = f.fetch(request_for(content), source_of(content, asked)).text() == content;
    CHECK(same);
    CHECK(*asked == 1);
}
