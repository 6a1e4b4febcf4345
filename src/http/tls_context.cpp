#include "http/tls_context.hpp"

#include <furiosa/core/error.hpp>

namespace furiosa::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t max_sessions = 256;

/// Where an SSL keeps the origin that it belongs to.
int origin_index()
{
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

int context_index()
{
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

} // namespace

TlsContext::TlsContext(const std::filesystem::path& ca_file) : context_(asio::ssl::context::tls_client)
{
    context_.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                         asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                         asio::ssl::context::no_tlsv1_1);
    boost::system::error_code error;
    if (ca_file.empty())
        context_.set_default_verify_paths(error);
    else
        context_.load_verify_file(ca_file.native(), error);
    if (error)
        throw_error(errc::tls_failed,
                    "{}: the trusted authorities cannot be read: {}. Name a PEM file of certificates",
                    ca_file.empty() ? "the system's certificates" : ca_file.native(), error.message());
    SSL_CTX* const native = context_.native_handle();
    SSL_CTX_set_ex_data(native, context_index(), this);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(native, &TlsContext::on_new_session);
}

void TlsContext::prepare(SSL* ssl, const std::string& origin)
{
    SSL_set_ex_data(ssl, origin_index(), const_cast<std::string*>(&origin));
    if (const auto found = sessions_.find(origin); found != sessions_.end())
        SSL_set_session(ssl, found->second.get());
}

/// Called when a server gives a session: under TLS 1.3 some time after the handshake. Returning 1 keeps it.
int TlsContext::on_new_session(SSL* ssl, SSL_SESSION* session)
{
    auto* const self = static_cast<TlsContext*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), context_index()));
    const auto* const origin = static_cast<const std::string*>(SSL_get_ex_data(ssl, origin_index()));
    if (!self || !origin)
        return 0;
    if (self->sessions_.size() >= max_sessions && !self->sessions_.contains(*origin))
        self->sessions_.erase(self->sessions_.begin());
    self->sessions_[*origin].reset(session);
    return 1;
}

} // namespace furiosa::http
