#include "http/connection.hpp"

#include <furiosa/core/error.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace furiosa::http {

namespace asio = boost::asio;
using asio::use_awaitable;

Connection::Connection(asio::any_io_executor executor, const Uri& uri)
    : uri_(uri), origin_(uri.origin()), socket_(executor), resolver_(executor), watch_(std::make_shared<Watch>(executor))
{
    watch_->connection = this;
}

Connection::~Connection()
{
    watch_->connection = nullptr;
    watch_->timer.cancel();
}

asio::awaitable<void> Connection::open(asio::ssl::context* tls, Clock::duration timeout)
{
    watch(timeout);
    const auto endpoints =
        co_await resolver_.async_resolve(uri_.host, std::to_string(uri_.effective_port()), use_awaitable);
    co_await asio::async_connect(socket_, endpoints, use_awaitable);
    socket_.set_option(asio::ip::tcp::no_delay(true));
    if (tls)
        co_await shake_hands(*tls);
    watch(Clock::duration::zero());
}

asio::awaitable<void> Connection::shake_hands(asio::ssl::context& tls)
{
    tls_.emplace(socket_, tls);
    SSL* const ssl = tls_->native_handle();
    boost::system::error_code not_an_address;
    asio::ip::make_address(uri_.host, not_an_address);
    bool prepared;
    if (not_an_address) // a name: the server may have several certificates
        prepared = SSL_set_tlsext_host_name(ssl, uri_.host.c_str()) == 1 && SSL_set1_host(ssl, uri_.host.c_str()) == 1;
    else
        prepared = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), uri_.host.c_str()) == 1;
    if (!prepared)
        throw_error(errc::tls_failed, "{}: the host name cannot be verified", uri_.redacted());
    tls_->set_verify_mode(asio::ssl::verify_peer);
    try {
        co_await tls_->async_handshake(asio::ssl::stream_base::client, use_awaitable);
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted)
            throw;
        const long result = SSL_get_verify_result(ssl);
        throw_error(errc::tls_failed, "{}: {}", uri_.redacted(),
                    result != X509_V_OK
                        ? fmt::format("the certificate is refused: {}. To trust a private authority name its PEM file in "
                                      "SSL_CERT_FILE",
                                      X509_verify_cert_error_string(result))
                        : fmt::format("the TLS handshake failed: {}", error.code().message()));
    }
}

asio::awaitable<void> Connection::write(asio::const_buffer bytes)
{
    if (tls_)
        co_await asio::async_write(*tls_, bytes, use_awaitable);
    else
        co_await asio::async_write(socket_, bytes, use_awaitable);
}

asio::awaitable<std::size_t> Connection::read_some(asio::mutable_buffer room)
{
    std::size_t count;
    if (tls_)
        count = co_await tls_->async_read_some(room, use_awaitable);
    else
        count = co_await socket_.async_read_some(room, use_awaitable);
    co_return count;
}

void Connection::watch(Clock::duration timeout)
{
    timeout_ = timeout;
    touch();
    if (timeout != Clock::duration::zero() && !std::exchange(watching_, true))
        keep_watch(watch_);
}

/// One timer for all reads: it wakes when the peer could be late at the earliest, and looks at the stamp.
void Connection::keep_watch(std::shared_ptr<Watch> watch)
{
    auto& connection = *watch->connection;
    watch->timer.expires_at(connection.last_life_ + connection.timeout_);
    auto& timer = watch->timer;
    timer.async_wait([watch = std::move(watch)](boost::system::error_code error) {
        if (error || !watch->connection)
            return;
        auto& self = *watch->connection;
        if (self.timeout_ == Clock::duration::zero()) {
            self.watching_ = false;
        } else if (Clock::now() >= self.last_life_ + self.timeout_) {
            watch->timed_out = true;
            self.resolver_.cancel();
            boost::system::error_code ignored;
            self.socket_.close(ignored);
        } else {
            keep_watch(watch);
        }
    });
}

} // namespace furiosa::http
