#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace furiosa::test {

/// How the server answers one request, and what it does wrong on purpose.
struct Answer
{
    std::string body;
    unsigned status = 200;
    std::string reason = "OK";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string etag;                            ///< also makes Range and If-Range work
    bool ranges_without_etag = false;            ///< Range works, but nothing says of which version
    std::optional<std::size_t> drop_after;       ///< close after so many body bytes
    std::optional<std::size_t> stall_after;      ///< then say nothing more, keeping the connection
    std::optional<std::uint64_t> claimed_length; ///< another Content-Length than the body has
    bool chunked = false;
    bool until_close = false; ///< no length at all: the end of the connection ends the body
    bool close = false;       ///< close behind the answer without having said so
    std::string raw;          ///< this instead of an answer
};

struct RecordedRequest
{
    std::string target;
    std::map<std::string, std::string> headers; ///< names in lower case
};

/// PEM texts for a server that speaks TLS.
struct ServerCertificate
{
    std::string certificate;
    std::string private_key;
};

/// An HTTP server on a free loopback port and a thread of its own, which does wrong what it is told to.
class FaultServer
{
public:
    explicit FaultServer(std::optional<ServerCertificate> tls = std::nullopt);
    ~FaultServer();

    /// Answers every request for `target` so, from now on.
    void serve(const std::string& target, Answer answer);
    /// Answers the next request for `target` so; several wait in line, before what `serve` was told.
    void serve_once(const std::string& target, Answer answer);

    std::uint16_t port() const noexcept;
    /// "http://127.0.0.1:4711/path"; `host` for servers that are known by a name.
    std::string uri(const std::string& target, const std::string& host = "127.0.0.1") const;

    std::vector<RecordedRequest> requests(const std::string& target) const;
    std::size_t request_count(const std::string& target) const { return requests(target).size(); }
    std::size_t connection_count() const;
    std::size_t resumed_tls_sessions() const noexcept;
    /// Blocks until `count` requests for `target` have come.
    void wait_for_requests(const std::string& target, std::size_t count) const;

private:
    struct Impl;

    std::unique_ptr<Impl> impl_;
};

/// A port on which nobody listens.
std::uint16_t unused_port();

} // namespace furiosa::test
