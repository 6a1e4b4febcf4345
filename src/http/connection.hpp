#pragma once

#include <furiosa/http/uri.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace furiosa::http {

/// A connection to one origin, plain or TLS. Belongs on the I/O executor.
///
/// Network errors are thrown as boost::system::system_error, but those of TLS and of time as Error.
class Connection
{
public:
    using Clock = std::chrono::steady_clock;

    Connection(boost::asio::any_io_executor executor, const Uri& uri);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// Resolves, connects and, with a TLS context, shakes hands and verifies.
    boost::asio::awaitable<void> open(boost::asio::ssl::context* tls, Clock::duration timeout);

    boost::asio::awaitable<void> write(boost::asio::const_buffer bytes);
    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer room);

    /// From now on the peer must show life in every `timeout`: `touch` says that it did. Zero stops the watch.
    void watch(Clock::duration timeout);
    void touch() noexcept { last_life_ = Clock::now(); }
    /// Did the watch close this connection?
    bool timed_out() const noexcept { return watch_->timed_out; }

    const std::string& origin() const noexcept { return origin_; }

    /// Bytes that came behind what was asked for.
    boost::beast::flat_buffer buffer;
    Clock::time_point idle_since;
    bool reused = false;

private:
    struct Watch
    {
        explicit Watch(boost::asio::any_io_executor executor) : timer(std::move(executor)) {}
        boost::asio::steady_timer timer;
        Connection* connection = nullptr; // null when that is gone
        bool timed_out = false;
    };

    static void keep_watch(std::shared_ptr<Watch> watch);
    boost::asio::awaitable<void> shake_hands(boost::asio::ssl::context& tls);

    Uri uri_;
    std::string origin_;
    boost::asio::ip::tcp::socket socket_;
    std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
    boost::asio::ip::tcp::resolver resolver_;
    std::shared_ptr<Watch> watch_;
    Clock::duration timeout_{};
    Clock::time_point last_life_;
    bool watching_ = false;
};

} // namespace furiosa::http
