#pragma once

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/http/download_machine.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

namespace furiosa::http {

struct ClientOptions
{
    RetryPolicy retry;
    /// For resolving, connecting and the TLS handshake together.
    std::chrono::milliseconds connect_timeout{15'000};
    /// For the response header, and for each next piece of the body.
    std::chrono::milliseconds idle_timeout{30'000};
    std::size_t header_limit = 64 * 1024;
    /// Connections that are kept for the next request to their origin.
    std::size_t idle_connections_per_origin = 8;
    std::chrono::seconds idle_connection_lifetime{60};
    /// A PEM file of trusted authorities. Empty: $SSL_CERT_FILE, else those of the system.
    std::filesystem::path ca_file;
    std::string user_agent = "furiosa/0.1";
};

/// Fetches resources over HTTP/1.1, in the clear or over TLS 1.2 and 1.3 with peer and host name verified.
///
/// The coroutine is to be awaited on the I/O executor of the Context. Its cancellation is terminal and ends it with
/// errc::cancelled.
class Client : public Context::Service
{
public:
    explicit Client(Context& context, ClientOptions options = {});
    ~Client() override;
    void shutdown() noexcept override;

    /// Brings one resource into `sink`; redirects, retries and resumption are DownloadMachine's.
    ///
    /// Throws an Error that names the URI: host_not_found, connection_refused, connection_failed, tls_failed (with
    /// the reason), idle_timeout, timed_out, not_found, request_rejected, server_error, malformed_response,
    /// header_too_large, too_many_redirects, insecure_redirect, truncated_body, body_too_large, cancelled; and
    /// whatever the sink throws.
    boost::asio::awaitable<void> get(GetRequest request, ByteSink& sink);

private:
    struct Impl;

    std::unique_ptr<Impl> impl_;
};

} // namespace furiosa::http
