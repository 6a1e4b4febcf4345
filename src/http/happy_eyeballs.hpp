#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>
#include <optional>
#include <vector>

namespace furiosa::http {

/// The order to try addresses in: the families take turns, the first one first. RFC 8305, section 4.
std::vector<boost::asio::ip::tcp::endpoint>
interleave_families(const std::vector<boost::asio::ip::tcp::endpoint>& endpoints);

/// Connects to whichever address answers first; a next one is tried 250 ms after the one before, or as soon
/// as that has failed: RFC 8305. A host whose IPv6 leads nowhere costs a quarter of a second and not a
/// minute.
class HappyEyeballs : public std::enable_shared_from_this<HappyEyeballs>
{
public:
    HappyEyeballs(boost::asio::any_io_executor executor,
                  std::vector<boost::asio::ip::tcp::endpoint> endpoints);

    /// Throws system_error: that of the last attempt, or operation_aborted after `stop`.
    static boost::asio::awaitable<boost::asio::ip::tcp::socket> connect(std::shared_ptr<HappyEyeballs> self);
    void stop();

private:
    void start_next();
    void on_connect(boost::asio::ip::tcp::socket& socket, const boost::system::error_code& error);

    boost::asio::any_io_executor executor_;
    std::vector<boost::asio::ip::tcp::endpoint> endpoints_;
    std::list<boost::asio::ip::tcp::socket> sockets_; // those of attempts under way or won
    boost::asio::ip::tcp::socket* winner_ = nullptr;
    boost::asio::steady_timer changed_;
    boost::system::error_code last_error_;
    std::size_t started_ = 0;
    std::size_t failed_ = 0;
    bool stopped_ = false;
};

} // namespace furiosa::http
