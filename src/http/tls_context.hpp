#pragma once

#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <openssl/ssl.h>
#include <string>

namespace furiosa::http {

/// What TLS connections of a client share: the trusted authorities, and the sessions that servers offer to
/// resume.
///
/// A resumed handshake takes one round trip less and no certificate chain. All but the constructor belongs on
/// the I/O executor.
class TlsContext
{
public:
    /// Reads the authorities, which takes some ten milliseconds. Throws errc::tls_failed, naming the file.
    explicit TlsContext(const std::filesystem::path& ca_file);
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    boost::asio::ssl::context& context() noexcept { return context_; }

    /// Lets the handshake of `ssl` resume the newest session with that origin, and keeps the sessions that
    /// come. `origin` must outlive `ssl`.
    void prepare(SSL* ssl, const std::string& origin);

private:
    struct FreeSession
    {
        void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
    };

    static int on_new_session(SSL* ssl, SSL_SESSION* session);

    boost::asio::ssl::context context_;
    std::map<std::string, std::unique_ptr<SSL_SESSION, FreeSession>> sessions_;
};

} // namespace furiosa::http
