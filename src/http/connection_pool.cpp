#include "http/connection_pool.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace furiosa::http {

namespace asio = boost::asio;

ConnectionPool::ConnectionPool(asio::any_io_executor executor, const ClientOptions& options)
    : executor_(executor),
      options_(options),
      expiry_(executor)
{
}

asio::awaitable<std::unique_ptr<Connection>> ConnectionPool::take(Route route)
{
    Waiter waiter{route, route.key(), asio::steady_timer(executor_, asio::steady_timer::time_point::max()),
                  nullptr};
    if (shut_down_)
        throw_error(errc::cancelled, "{}: the client is being shut down", route.target.origin());
    const bool others_wait =
        std::ranges::any_of(waiters_, [&](const Waiter* w) { return w->key == waiter.key; });
    if (!others_wait)
        waiter.connection = try_take(route, waiter.key);
    if (!waiter.connection) {
        const auto self = shared_from_this();
        const auto place = waiters_.insert(waiters_.end(), &waiter);
        co_await waiter.served.async_wait(asio::as_tuple(asio::use_awaitable));
        waiters_.erase(place);
    }
    if (!waiter.connection)
        throw_error(errc::cancelled, "{}: cancelled while waiting for a connection", route.target.origin());
    co_return std::move(waiter.connection);
}

std::unique_ptr<Connection> ConnectionPool::try_take(const Route& route, const std::string& key)
{
    if (auto connection = take_idle(key))
        return connection;
    if (const auto open = open_.find(key);
        open != open_.end() && open->second >= options_.connections_per_origin)
        return nullptr;
    while (all_.size() >= options_.connections)
        if (!close_oldest_idle())
            return nullptr;
    auto connection = std::make_unique<Connection>(executor_, route);
    ++open_[key];
    all_.insert(connection.get());
    connection->place =
        std::shared_ptr<void>(nullptr, [pool = weak_from_this(), made = connection.get(), key](void*) {
            if (const auto alive = pool.lock())
                alive->free_place(made, key);
        });
    return connection;
}

std::unique_ptr<Connection> ConnectionPool::take_idle(const std::string& key)
{
    const auto found = idle_.find(key);
    if (found == idle_.end())
        return nullptr;
    auto connections = std::move(found->second);
    idle_.erase(found);
    const auto oldest = Connection::Clock::now() - options_.idle_connection_lifetime;
    std::erase_if(connections, [&](const auto& connection) { return connection->idle_since < oldest; });
    if (connections.empty())
        return nullptr;
    auto connection = std::move(connections.back()); // the one used last is the likeliest to live
    connections.pop_back();
    if (!connections.empty())
        idle_.emplace(key, std::move(connections));
    connection->reused = true;
    return connection;
}

bool ConnectionPool::close_oldest_idle()
{
    const auto oldest = std::ranges::min_element(
        idle_, {}, [](const Idle::value_type& entry) { return entry.second.front()->idle_since; });
    if (oldest == idle_.end())
        return false;
    const auto connection = std::move(oldest->second.front());
    oldest->second.erase(oldest->second.begin());
    if (oldest->second.empty())
        idle_.erase(oldest);
    return true;
}

void ConnectionPool::keep(std::unique_ptr<Connection> connection)
{
    if (shut_down_)
        return;
    connection->stop_watching();
    connection->idle_since = Connection::Clock::now();
    auto& connections = idle_[connection->key()];
    std::unique_ptr<Connection> surplus;
    if (connections.size() == options_.idle_connections_per_origin && !connections.empty()) {
        surplus = std::move(connections.front());
        connections.erase(connections.begin());
    }
    connections.push_back(std::move(connection));
    serve_waiters();
    expire_idle();
}

void ConnectionPool::shutdown()
{
    shut_down_ = true;
    expiry_.cancel();
    for (auto* connection : all_)
        connection->close();
    for (auto* waiter : waiters_)
        waiter->served.cancel();
    const auto gone = std::exchange(idle_, {});
}

void ConnectionPool::free_place(Connection* connection, const std::string& key)
{
    all_.erase(connection);
    if (const auto found = open_.find(key); --found->second == 0)
        open_.erase(found);
    serve_waiters();
}

void ConnectionPool::serve_waiters()
{
    if (shut_down_)
        return;
    for (auto* waiter : waiters_)
        if (!waiter->connection && (waiter->connection = try_take(waiter->route, waiter->key)))
            waiter->served.cancel();
}

/// Closes connections that have been idle for too long, for as long as there are any.
void ConnectionPool::expire_idle()
{
    if (expiring_ || idle_.empty())
        return;
    expiring_ = true;
    expiry_.expires_after(options_.idle_connection_lifetime);
    expiry_.async_wait([pool = weak_from_this()](const boost::system::error_code& error) {
        const auto self = pool.lock();
        if (error || !self)
            return;
        self->expiring_ = false;
        const auto oldest = Connection::Clock::now() - self->options_.idle_connection_lifetime;
        std::vector<std::unique_ptr<Connection>> expired;
        for (auto& [key, connections] : self->idle_)
            while (!connections.empty() && connections.front()->idle_since <= oldest) {
                expired.push_back(std::move(connections.front()));
                connections.erase(connections.begin());
            }
        std::erase_if(self->idle_, [](const auto& entry) { return entry.second.empty(); });
        self->expire_idle();
    });
}

} // namespace furiosa::http
