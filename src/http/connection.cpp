#include "http/connection.hpp"

#include "http/header_values.hpp"

#include <furiosa/core/error.hpp>

#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace furiosa::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::use_awaitable;

namespace {

constexpr std::uint32_t longest_tunnel_answer = 16 * 1024;

} // namespace

Connection::Connection(asio::any_io_executor executor, Route route)
    : route_(std::move(route)), key_(route_.key()), socket_(executor), resolver_(executor),
      watch_(std::make_shared<Watch>(executor))
{
    watch_->connection = this;
}

Connection::~Connection()
{
    watch_->connection = nullptr;
    watch_->timer.cancel();
    if (attempts_)
        attempts_->stop();
    if (tls_) // else OpenSSL would take the end for a fault, and forbid to resume the session
        SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

asio::awaitable<void> Connection::open(TlsContext* tls)
{
    co_await connect();
    socket_.set_option(asio::ip::tcp::no_delay(true));
    if (route_.proxy && !route_.proxy_forwards())
        co_await open_tunnel();
    if (tls)
        co_await shake_hands(*tls);
    opened_ = true;
}

asio::awaitable<void> Connection::connect()
{
    const auto& peer = route_.proxy ? *route_.proxy : route_.target;
    std::vector<asio::ip::tcp::endpoint> endpoints;
    boost::system::error_code not_an_address;
    if (const auto address = asio::ip::make_address(peer.host, not_an_address); !not_an_address) {
        endpoints.emplace_back(address, peer.effective_port());
    } else {
        const auto results =
            co_await resolver_.async_resolve(peer.host, std::to_string(peer.effective_port()), use_awaitable);
        endpoints.assign(results.begin(), results.end());
    }
    attempts_ = std::make_shared<HappyEyeballs>(socket_.get_executor(), interleave_families(endpoints));
    socket_ = co_await HappyEyeballs::connect(attempts_);
}

/// RFC 9110, section 9.3.6
asio::awaitable<void> Connection::open_tunnel()
{
    const auto& target = route_.target;
    const bool ipv6 = target.host.find(':') != std::string::npos;
    const auto authority = fmt::format("{}{}{}:{}", ipv6 ? "[" : "", target.host, ipv6 ? "]" : "", target.effective_port());
    auto request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", authority);
    if (!route_.proxy->userinfo.empty())
        request += fmt::format("Proxy-Authorization: {}\r\n", basic_authorization(percent_decode(route_.proxy->userinfo)));
    request += "\r\n";
    co_await asio::async_write(socket_, asio::buffer(request), use_awaitable);

    beast::http::response_parser<beast::http::empty_body> answer;
    answer.header_limit(longest_tunnel_answer);
    answer.skip(true);
    beast::flat_buffer bytes;
    while (!answer.is_header_done()) {
        const auto count = co_await socket_.async_read_some(bytes.prepare(1024), use_awaitable);
        bytes.commit(count);
        boost::system::error_code error;
        bytes.consume(answer.put(bytes.data(), error));
        if ((error && error != beast::http::error::need_more) || bytes.size() > longest_tunnel_answer)
            throw_error(errc::proxy_failed, "proxy {}: it does not speak HTTP: {}", route_.proxy->redacted(), error.message());
    }
    const auto status = answer.get().result_int();
    if (status / 100 != 2)
        throw_error(errc::proxy_failed, "proxy {}: refused to lead to {}: {} {}{}", route_.proxy->redacted(), authority, status,
                    std::string_view(answer.get().reason().data(), answer.get().reason().size()),
                    status == 407 ? ". Give it a name and a password: http://user:password@proxy:port" : "");
}

asio::awaitable<void> Connection::shake_hands(TlsContext& tls)
{
    const auto& host = route_.target.host;
    tls_.emplace(socket_, tls.context());
    SSL* const ssl = tls_->native_handle();
    boost::system::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    bool prepared;
    if (not_an_address) // a name: the server may have several certificates
        prepared = SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 && SSL_set1_host(ssl, host.c_str()) == 1;
    else
        prepared = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    if (!prepared)
        throw_error(errc::tls_failed, "the host name {} cannot be verified", host);
    tls_->set_verify_mode(asio::ssl::verify_peer);
    tls.prepare(ssl, key_);
    try {
        co_await tls_->async_handshake(asio::ssl::stream_base::client, use_awaitable);
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted)
            throw;
        const long result = SSL_get_verify_result(ssl);
        throw_error(errc::tls_failed, "{}",
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

void Connection::watch(const TransferWatch::Limits& limits)
{
    limits_.begin(limits, Clock::now());
    watch_->timer.cancel();
    keep_watch(watch_);
}

/// One timer for all reads: it wakes when the peer could have broken a limit at the earliest, and looks.
void Connection::keep_watch(const std::shared_ptr<Watch>& watch)
{
    const auto next = watch->connection->limits_.next_judgement(Clock::now());
    if (next == Clock::time_point::max())
        return;
    watch->timer.expires_at(next);
    watch->timer.async_wait([watch](const boost::system::error_code& error) {
        if (error || !watch->connection)
            return;
        watch->verdict = watch->connection->limits_.judge(Clock::now());
        if (watch->verdict == TransferWatch::Verdict::fine)
            keep_watch(watch);
        else
            watch->connection->close();
    });
}

void Connection::close() noexcept
{
    resolver_.cancel();
    if (attempts_)
        attempts_->stop();
    boost::system::error_code ignored;
    socket_.close(ignored);
}

} // namespace furiosa::http
