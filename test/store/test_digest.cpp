#include "support/throws_errc.hpp"

#include <furiosa/store/digest.hpp>

#include <catch2/catch.hpp>

#include <span>
#include <string>

using namespace furiosa;
using store::Digest;
using store::DigestAlgorithm;
using store::Hasher;

namespace {

std::span<const std::byte> bytes_of(std::string_view text)
{
    return std::as_bytes(std::span(text));
}

} // namespace

TEST_CASE("digests are those of FIPS 180-4 and RFC 1321")
{
    CHECK(store::digest_of(DigestAlgorithm::sha256, bytes_of("")).hex() ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(store::digest_of(DigestAlgorithm::sha256, bytes_of("abc")).hex() ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(store::digest_of(DigestAlgorithm::md5, bytes_of("")).hex() == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(store::digest_of(DigestAlgorithm::md5, bytes_of("abc")).hex() == "900150983cd24fb0d6963f7d28e17f72");
}

TEST_CASE("a digest of pieces is the digest of the whole, and the hasher starts anew")
{
    Hasher hasher(DigestAlgorithm::sha256);
    for (const auto* piece : {"a", "", "b", "c"})
        hasher.update(bytes_of(piece));
    CHECK(hasher.finish() == store::digest_of(DigestAlgorithm::sha256, bytes_of("abc")));
    hasher.update(bytes_of("abc"));
    CHECK(hasher.finish() == store::digest_of(DigestAlgorithm::sha256, bytes_of("abc")));
}

TEST_CASE("a digest is read from hexadecimal digits of either case")
{
    const auto digest = store::digest_of(DigestAlgorithm::md5, bytes_of("abc"));
    CHECK(Digest::parse(DigestAlgorithm::md5, "900150983CD24fb0d6963f7d28e17f72") == digest);
    CHECK(to_string(digest) == "md5:900150983cd24fb0d6963f7d28e17f72");
}

TEST_CASE("what is no digest is refused")
{
    for (const auto* hex : {"", "9001", "900150983cd24fb0d6963f7d28e17f7", "900150983cd24fb0d6963f7d28e17f722",
                            "g00150983cd24fb0d6963f7d28e17f72", "900150983cd24fb0 d6963f7d28e17f7"}) {
        INFO(hex);
        CHECK_THROWS_ERRC(Digest::parse(DigestAlgorithm::md5, hex), errc::invalid_argument);
    }
}
