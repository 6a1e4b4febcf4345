#include "store/store_fixture.hpp"
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>

using namespace furiosa;
using test::StoreFixture;

namespace {

std::filesystem::path only_file_below(const std::filesystem::path& folder)
{
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            return entry.path();
    FAIL("no file below " << folder);
    return {};
}

void overwrite(const std::filesystem::path& file, std::string_view content)
{
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    std::ofstream(file, std::ios::trunc) << content;
}

} // namespace

TEST_CASE("a program that was put is found under its key, and under no other")
{
    StoreFixture f;
    const auto program = SharedBytes::copy_of("the program");
    f.store.put_program("model batch=1", program);
    CHECK(f.store.find_program("model batch=1")->text() == "the program");
    CHECK_FALSE(f.store.find_program("model batch=2"));
}

TEST_CASE("a program that is put again replaces the one before")
{
    StoreFixture f;
    f.store.put_program("key", SharedBytes::copy_of("one"));
    f.store.put_program("key", SharedBytes::copy_of("two"));
    CHECK(f.store.find_program("key")->text() == "two");
}

TEST_CASE("a damaged reference is as good as none")
{
    for (const auto* content : {"", "nonsense", "sha256:zz 3", "sha256:", "md5:900150983cd24fb0d6963f7d28e17f72 3"}) {
        StoreFixture f;
        f.store.put_program("key", SharedBytes::copy_of("one"));
        overwrite(only_file_below(f.store.root() / "programs"), content);
        INFO(content);
        CHECK_FALSE(f.store.find_program("key"));
    }
}

TEST_CASE("a program whose blob is gone or has changed its size is as good as none")
{
    StoreFixture f;
    f.store.put_program("key", SharedBytes::copy_of("one"));
    const auto blob = only_file_below(f.store.root() / "blobs");
    overwrite(blob, "something longer");
    CHECK_FALSE(f.store.find_program("key"));
    std::filesystem::remove(blob);
    CHECK_FALSE(f.store.find_program("key"));
}
