#pragma once

#include "http/connection.hpp"

#include <furiosa/http/client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace furiosa::http {

/// Keeps connections for the next request of their route, and their number within limits. Belongs on the I/O
/// executor.
///
/// Who asks while the limit is reached waits; those who wait are served in the order in which they came.
class ConnectionPool : public std::enable_shared_from_this<ConnectionPool>
{
public:
    ConnectionPool(boost::asio::any_io_executor executor, const ClientOptions& options);

    /// An idle connection (`reused`), or a new one that is not open yet. Cancelled: throws errc::cancelled.
    boost::asio::awaitable<std::unique_ptr<Connection>> take(Route route);
    /// For the next request. A connection that is destroyed instead gives its place up by itself.
    void keep(std::unique_ptr<Connection> connection);
    /// Ends what is under way with errc::cancelled, and everything that is asked for from now on.
    void shutdown();

private:
    struct Waiter
    {
        const Route& route;
        std::string key;
        boost::asio::steady_timer served;
        std::unique_ptr<Connection> connection;
    };
    using Idle = std::map<std::string, std::vector<std::unique_ptr<Connection>>>;

    std::unique_ptr<Connection> try_take(const Route& route, const std::string& key);
    std::unique_ptr<Connection> take_idle(const std::string& key);
    bool close_oldest_idle();
    void free_place(Connection* connection, const std::string& key);
    void serve_waiters();
    void expire_idle();

    boost::asio::any_io_executor executor_;
    const ClientOptions& options_;
    Idle idle_;
    std::map<std::string, std::size_t> open_; // by key, idle ones included
    std::set<Connection*> all_;
    std::list<Waiter*> waiters_;
    boost::asio::steady_timer expiry_;
    bool expiring_ = false;
    bool shut_down_ = false;
};

} // namespace furiosa::http
