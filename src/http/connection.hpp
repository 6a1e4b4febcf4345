#pragma once

#include "http/happy_eyeballs.hpp"
#include "http/tls_context.hpp"
#include "http/transfer_watch.hpp"

#include <furiosa/http/uri.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace furiosa::http {

/// Where a connection leads, and by which way.
struct Route
{
    Uri target; ///< its scheme, host and port
    std::optional<Uri> proxy;

    /// Requests of one key may share connections.
    std::string key() const { return target.origin() + (proxy ? " by " + proxy->origin() : ""); }
    /// Does the proxy read the requests, rather than only carry them?
    bool proxy_forwards() const { return proxy && target.scheme == "http"; }
};

/// A connection to one origin, plain or TLS, direct or through a proxy. Belongs on the I/O executor.
///
/// Network errors are thrown as boost::system::system_error, but those of TLS, of the proxy and of time as Error.
class Connection
{
public:
    using Clock = TransferWatch::Clock;

    Connection(boost::asio::any_io_executor executor, Route route);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// Ends what is under way with operation_aborted.
    void close() noexcept;
    bool is_open() const noexcept { return opened_; }
    /// Resolves, connects, asks the proxy for a tunnel and, with a TLS context, shakes hands and verifies.
    boost::asio::awaitable<void> open(TlsContext* tls);

    boost::asio::awaitable<void> write(boost::asio::const_buffer bytes);
    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer room);

    /// From now on the peer is held to these limits; when it breaks one the connection closes.
    void watch(const TransferWatch::Limits& limits);
    void stop_watching() { watch({}); }
    /// Time until `resume_watch` does not count.
    void pause_watch() { limits_.pause(Clock::now()); }
    void resume_watch() { limits_.resume(Clock::now()); }
    void progress(std::size_t bytes) { limits_.progress(bytes, Clock::now()); }
    /// Which limit the watch closed this connection for, if it did.
    TransferWatch::Verdict verdict() const noexcept { return watch_->verdict; }

    const Route& route() const noexcept { return route_; }
    const std::string& key() const noexcept { return key_; }

    /// Bytes that came behind what was asked for.
    boost::beast::flat_buffer buffer;
    Clock::time_point idle_since;
    bool reused = false;
    /// What the pool counts this connection by; freed with it.
    std::shared_ptr<void> place;

private:
    struct Watch
    {
        explicit Watch(boost::asio::any_io_executor executor) : timer(std::move(executor)) {}
        boost::asio::steady_timer timer;
        Connection* connection = nullptr; // null when that is gone
        TransferWatch::Verdict verdict = TransferWatch::Verdict::fine;
    };

    static void keep_watch(const std::shared_ptr<Watch>& watch);
    boost::asio::awaitable<void> connect();
    boost::asio::awaitable<void> open_tunnel();
    boost::asio::awaitable<void> shake_hands(TlsContext& tls);

    Route route_;
    std::string key_;
    boost::asio::ip::tcp::socket socket_;
    std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
    boost::asio::ip::tcp::resolver resolver_;
    std::shared_ptr<HappyEyeballs> attempts_;
    std::shared_ptr<Watch> watch_;
    TransferWatch limits_;
    bool opened_ = false;
};

} // namespace furiosa::http
