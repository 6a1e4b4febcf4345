#include "support/certificates.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdexcept>

namespace furiosa::test {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* p) { EVP_PKEY_free(p); })>;
using Certificate = std::unique_ptr<X509, decltype([](X509* p) { X509_free(p); })>;
using Memory = std::unique_ptr<BIO, decltype([](BIO* p) { BIO_free(p); })>;

void require(bool fine)
{
    if (!fine)
        throw std::runtime_error("OpenSSL refused to make a test certificate");
}

template <class Write>
std::string pem(Write write)
{
    const Memory memory(BIO_new(BIO_s_mem()));
    require(write(memory.get()) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    require(extension && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

Certificate make(const std::string& name, EVP_PKEY* key, long from, long until, long serial)
{
    Certificate certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), until);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    return certificate;
}

/// Names the host in it, and whoever vouches for it.
void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key, const std::string& host)
{
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(host, not_an_address);
    add_extension(certificate, issuer, NID_subject_alt_name, (not_an_address ? "DNS:" : "IP:") + host);
    require(X509_sign(certificate, issuer_key, EVP_sha256()) != 0);
}

ServerCertificate as_pem(X509* certificate, EVP_PKEY* key)
{
    return {pem([&](BIO* memory) { return PEM_write_bio_X509(memory, certificate); }),
            pem([&](BIO* memory) {
                return PEM_write_bio_PrivateKey(memory, key, nullptr, nullptr, 0, nullptr, nullptr);
            })};
}

} // namespace

struct CertificateAuthority::Impl
{
    Key key{EVP_EC_gen("P-256")};
    Certificate certificate;
};

CertificateAuthority::CertificateAuthority(const std::string& name) : impl_(std::make_unique<Impl>())
{
    impl_->certificate = make(name, impl_->key.get(), -86400, 86400, 1);
    X509* const self = impl_->certificate.get();
    X509_set_issuer_name(self, X509_get_subject_name(self));
    add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE");
    require(X509_sign(self, impl_->key.get(), EVP_sha256()) != 0);
}

CertificateAuthority::~CertificateAuthority() = default;

std::string CertificateAuthority::certificate() const
{
    return pem([&](BIO* memory) { return PEM_write_bio_X509(memory, impl_->certificate.get()); });
}

ServerCertificate CertificateAuthority::issue(const std::string& host, long seconds) const
{
    const Key key(EVP_EC_gen("P-256"));
    const auto leaf = make(host, key.get(), std::min(-60l, 2 * seconds), seconds, 2);
    sign(leaf.get(), impl_->certificate.get(), impl_->key.get(), host);
    return as_pem(leaf.get(), key.get());
}

ServerCertificate CertificateAuthority::self_signed(const std::string& host)
{
    const Key key(EVP_EC_gen("P-256"));
    const auto leaf = make(host, key.get(), -60, 3600, 3);
    sign(leaf.get(), leaf.get(), key.get(), host);
    return as_pem(leaf.get(), key.get());
}

} // namespace furiosa::test
