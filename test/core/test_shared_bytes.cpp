#include <furiosa/core/shared_bytes.hpp>
#include "support/temporary_directory.hpp"
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>

using namespace furiosa;

TEST_CASE("a mapped file shows its bytes, also after it was unlinked")
{
    test::TemporaryDirectory directory;
    const auto file = directory.write("blob", "0123456789");
    const auto bytes = SharedBytes::map(file);
    std::filesystem::remove(file);
    CHECK(bytes.text() == "0123456789");
    const auto part = bytes.part(3, 4);
    CHECK(part.text() == "3456");
    CHECK(part.data() == bytes.data() + 3);
}

TEST_CASE("an empty file maps to no bytes, a missing one and a folder are errors that name it")
{
    test::TemporaryDirectory directory;
    CHECK(SharedBytes::map(directory.write("empty", "")).empty());
    CHECK_THROWS_ERRC(SharedBytes::map(directory.path() / "missing"), errc::file_not_found);
    CHECK_THROWS_ERRC(SharedBytes::map(directory.path()), errc::io_error);
}

TEST_CASE("copies of owned bytes share them")
{
    const auto a = SharedBytes::copy_of("abc");
    const auto b = a;
    CHECK(a.data() == b.data());
}
