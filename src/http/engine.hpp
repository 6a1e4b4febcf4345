#pragma once

#include "http/connection_pool.hpp"
#include "http/tls_context.hpp"

#include <furiosa/core/context.hpp>
#include <furiosa/http/client.hpp>
#include <furiosa/http/download_machine.hpp>

#include <memory>
#include <optional>
#include <random>
#include <string>

namespace furiosa::http {

/// What the downloads of one client share. Belongs on the I/O executor.
class Engine
{
public:
    Engine(Context& context, ClientOptions options);

    DownloadMachine machine_for(GetRequest request);
    boost::asio::awaitable<std::unique_ptr<Connection>> take_connection(const Uri& uri);
    /// Made once: reading the trusted authorities takes some ten milliseconds, so a worker does it.
    boost::asio::awaitable<TlsContext*> tls();
    /// Adds what netrc says of the host, if the request brings no credentials.
    boost::asio::awaitable<void> add_credentials(GetRequest& request);

    Context& context;
    const ClientOptions options;
    const std::shared_ptr<ConnectionPool> pool;

private:
    std::mt19937_64 random_{std::random_device()()};
    std::unique_ptr<TlsContext> tls_;
    std::optional<std::string> netrc_;
};

} // namespace furiosa::http
