#pragma once

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/http/download_machine.hpp>
#include <furiosa/http/proxy_settings.hpp>

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
    /// A body must come with this many bytes a second, averaged over a window. Zero: at any rate.
    std::uint64_t min_rate = 1024;
    std::chrono::milliseconds min_rate_window{60'000};
    std::size_t header_limit = 64 * 1024;
    /// A resource of at least `parallel_threshold` bytes comes over so many connections, where the server knows ranges
    /// and says what version a range is of. 1: never.
    std::size_t parallel_connections = 4;
    std::uint64_t parallel_threshold = 32'000'000;
    /// The further connections join when the first one brings fewer bytes a second than this: on a faster one, they
    /// would only keep the processor from the digest. UINT64_MAX: they join at once.
    std::uint64_t parallel_below_rate = 200'000'000;
    /// Connections at a time, idle ones included; further requests wait.
    std::size_t connections = 64;
    std::size_t connections_per_origin = 8;
    /// Connections that are kept for the next request to their origin.
    std::size_t idle_connections_per_origin = 8;
    std::chrono::seconds idle_connection_lifetime{60};
    /// A PEM file of trusted authorities. Empty: $SSL_CERT_FILE, else those of the system.
    std::filesystem::path ca_file;
    ProxySettings proxy = ProxySettings::from_environment();
    /// Names and passwords by host, for requests that bring none. Empty: $NETRC, else ~/.netrc.
    std::filesystem::path netrc;
    std::string user_agent = "furiosa/0.1";
};

/// How a download ended well.
struct GetResult
{
    /// The resource still has the entity tag of GetRequest::if_none_match; the sink was not touched.
    bool unchanged = false;
    /// The resource's entity tag, weak or strong, if the server gave one.
    std::string etag;
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
    /// the reason), proxy_failed, idle_timeout, too_slow, timed_out (the deadline), not_found, request_rejected,
    /// server_error, malformed_response, header_too_large, too_many_redirects, insecure_redirect, truncated_body,
    /// body_too_large, cancelled; and whatever the sink throws.
    boost::asio::awaitable<GetResult> get(GetRequest request, ByteSink& sink);

    /// The same for a sink that takes ranges: resumes what it has part of, and fetches large resources over several
    /// connections at once.
    boost::asio::awaitable<GetResult> get(GetRequest request, RangedSink& sink);

private:
    struct Impl;

    std::unique_ptr<Impl> impl_;
};

} // namespace furiosa::http
