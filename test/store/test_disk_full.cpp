#include "store/store_fixture.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace furiosa;
using test::request_for;
using test::source_of;
using test::StoreFixture;

// Run by the case below as root of a user namespace of its own, in which `FURIOSA_TEST_SMALL_DISK` is a disk of one
// megabyte.
TEST_CASE("on a full disk a fetch fails with disk_full and leaves nothing", "[.][small-disk]")
{
    const std::filesystem::path disk = std::getenv("FURIOSA_TEST_SMALL_DISK");
    StoreFixture f(disk);
    const std::string content(4'000'000, 'f');
    try {
        f.fetch(request_for(content), source_of(content));
        FAIL("four megabytes went onto a disk of one");
    } catch (const Error& error) {
        INFO(error.what());
        CHECK(error.code() == errc::disk_full);
        CHECK_THAT(error.what(), Catch::Contains("Free some space"));
    }
    CHECK(f.file_count() == 0);
    CHECK(f.fetch(request_for("small"), source_of("small")).text() == "small");
}

TEST_CASE("a full disk is a clear error")
{
    if (std::system("unshare -rm true 2>/dev/null") != 0) {
        WARN("skipped: this machine does not let a test mount a small disk (unshare -rm)");
        return;
    }
    test::TemporaryDirectory folder;
    const auto self = std::filesystem::read_symlink("/proc/self/exe").native();
    const auto mount = folder.path().native();
    const auto command = "unshare -rm sh -c 'mount -t tmpfs -o size=1m tmpfs " + mount +
                         " && FURIOSA_TEST_SMALL_DISK=" + mount + " " + self + " [small-disk]'";
    CHECK(std::system(command.c_str()) == 0);
}
