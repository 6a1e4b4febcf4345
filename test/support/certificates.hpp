#pragma once

#include "support/fault_server.hpp"

#include <memory>
#include <string>

namespace furiosa::test {

/// A certificate authority for the length of a test.
class CertificateAuthority
{
public:
    explicit CertificateAuthority(const std::string& name = "furiosa test authority");
    ~CertificateAuthority();

    /// The authority's own certificate, PEM.
    std::string certificate() const;

    /// A certificate for a DNS name or an IP address, valid from now for `seconds`; negative: expired already.
    ServerCertificate issue(const std::string& host, long seconds = 3600) const;

    /// One for this host that nobody but itself vouches for, as `openssl req -x509` makes it.
    static ServerCertificate self_signed(const std::string& host);

private:
    struct Impl;

    std::unique_ptr<Impl> impl_;
};

} // namespace furiosa::test
