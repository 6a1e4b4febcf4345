#include <furiosa/core/error.hpp>
#include <furiosa/store/digest.hpp>

#include <openssl/evp.h>

namespace furiosa::store {

namespace {

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void require(int openssl_result)
{
    if (openssl_result != 1)
        throw_error(errc::io_error, "OpenSSL cannot compute this digest: is its FIPS configuration refusing it?");
}

} // namespace

std::string_view to_string(DigestAlgorithm algorithm) noexcept
{
    return algorithm == DigestAlgorithm::sha256 ? "sha256" : "md5";
}

std::string Digest::hex() const
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i != size_of(algorithm); ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

Digest Digest::parse(DigestAlgorithm algorithm, std::string_view hex)
{
    Digest digest{algorithm, {}};
    bool valid = hex.size() == 2 * size_of(algorithm);
    for (std::size_t i = 0; valid && i != hex.size(); ++i) {
        const int value = hex_value(hex[i]);
        valid = value >= 0;
        digest.bytes[i / 2] = static_cast<std::uint8_t>(digest.bytes[i / 2] << 4 | (value & 15));
    }
    if (!valid)
        throw_error(errc::invalid_argument, "'{}' is not a {} digest: {} hexadecimal digits are needed",
                    hex.substr(0, 100), to_string(algorithm), 2 * size_of(algorithm));
    return digest;
}

std::string to_string(const Digest& digest)
{
    return fmt::format("{}:{}", to_string(digest.algorithm), digest.hex());
}

struct Hasher::Impl
{
    explicit Impl(DigestAlgorithm a)
        : algorithm(a), type(a == DigestAlgorithm::sha256 ? EVP_sha256() : EVP_md5()), context(EVP_MD_CTX_new())
    {
        start();
    }
    ~Impl() { EVP_MD_CTX_free(context); }

    void start() { require(context ? EVP_DigestInit_ex(context, type, nullptr) : 0); }

    DigestAlgorithm algorithm;
    const EVP_MD* type;
    EVP_MD_CTX* context;
};

Hasher::Hasher(DigestAlgorithm algorithm) : impl_(std::make_unique<Impl>(algorithm)) {}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::update(std::span<const std::byte> bytes)
{
    require(EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size()));
}

Digest Hasher::finish()
{
    Digest digest{impl_->algorithm, {}};
    require(EVP_DigestFinal_ex(impl_->context, digest.bytes.data(), nullptr));
    impl_->start();
    return digest;
}

Digest digest_of(DigestAlgorithm algorithm, std::span<const std::byte> bytes)
{
    Hasher hasher(algorithm);
    hasher.update(bytes);
    return hasher.finish();
}

} // namespace furiosa::store
