#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace examples {

/// Serves the files of a folder over HTTP on a free loopback port, from a thread of its own: a registry on one's own
/// machine. Any static web server does the same.
class StaticServer
{
public:
    explicit StaticServer(std::filesystem::path folder);
    ~StaticServer();

    /// "http://127.0.0.1:40123"
    std::string uri() const;

private:
    struct Impl;

    std::unique_ptr<Impl> impl_;
};

} // namespace examples
