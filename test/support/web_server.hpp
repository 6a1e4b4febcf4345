#pragma once

#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace furiosa::test {

enum class WebServerKind { nginx, caddy };

/// "nginx", "caddy": also the name of the program.
std::string to_string(WebServerKind kind);

/// One request as the server's own log has it.
struct LoggedRequest
{
    std::string target;
    unsigned status = 0;
    std::string range;    ///< the request's Range, or empty
    std::string if_range; ///< the request's If-Range, or empty
};

/// A real web server on a free loopback port, for the length of a test. It serves the files of `root()`, offers gzip,
/// and redirects "/moved/<status>/<path>" to "/<path>".
class WebServer
{
public:
    /// Returns when it answers. Throws std::runtime_error with what the server says when it does not start.
    explicit WebServer(WebServerKind kind);
    ~WebServer();

    static bool is_installed(WebServerKind kind) { return has_program(to_string(kind)); }

    const std::filesystem::path& root() const noexcept { return root_; }
    /// Puts a file there by one rename, as a careful publisher does. Its entity tag is made of the time and the size.
    /// May be called from any thread.
    void publish(const std::filesystem::path& name, std::string_view content,
                 std::filesystem::file_time_type changed = std::filesystem::file_time_type::clock::now()) const;

    std::uint16_t port() const noexcept { return port_; }
    std::string uri(std::string_view target) const;

    /// The requests for that target that have been answered so far.
    std::vector<LoggedRequest> requests(std::string_view target) const;
    /// Waits until there are that many. The log is written behind the answer.
    std::vector<LoggedRequest> wait_for_requests(std::string_view target, std::size_t count) const;

private:
    bool start();
    bool answers() const;
    Command command() const;

    WebServerKind kind_;
    TemporaryDirectory folder_;
    mutable std::atomic<unsigned> published_ = 0;
    std::filesystem::path root_;
    std::uint16_t port_ = 0;
    std::unique_ptr<ChildProcess> process_;
};

/// Sends a request as it stands to a port of this machine, and returns all that comes until the other side closes.
std::string ask(std::uint16_t port, std::string_view request);

} // namespace furiosa::test
