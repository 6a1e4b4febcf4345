#include "http/engine.hpp"

#include "http/header_values.hpp"
#include "http/netrc.hpp"

#include <cstdlib>
#include <fstream>

namespace furiosa::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_netrc = 1024 * 1024;

std::filesystem::path netrc_path(const ClientOptions& options)
{
    if (!options.netrc.empty())
        return options.netrc;
    if (const char* named = std::getenv("NETRC"); named && *named)
        return named;
    const char* const home = std::getenv("HOME");
    return home && *home ? std::filesystem::path(home) / ".netrc" : std::filesystem::path();
}

/// Empty where there is none.
std::string read_netrc(const std::filesystem::path& path)
{
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return {};
    std::ifstream file(path, std::ios::binary);
    std::string text(largest_netrc, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

} // namespace

Engine::Engine(Context& c, ClientOptions o)
    : context(c),
      options(std::move(o)),
      pool(std::make_shared<ConnectionPool>(context.io_executor(), options))
{
}

DownloadMachine Engine::machine_for(GetRequest request)
{
    auto random = [this] { return std::uniform_real_distribution<double>(0, 1)(random_); };
    auto now = [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); };
    return DownloadMachine(std::move(request), options.retry, random, now);
}

asio::awaitable<std::unique_ptr<Connection>> Engine::take_connection(const Uri& uri)
{
    Route route{uri, options.proxy.proxy_for(uri)};
    co_return co_await pool->take(std::move(route));
}

asio::awaitable<TlsContext*> Engine::tls()
{
    if (!tls_) {
        auto made =
            co_await context.offload([this] { return std::make_unique<TlsContext>(options.ca_file); });
        if (!tls_)
            tls_ = std::move(made);
    }
    co_return tls_.get();
}

asio::awaitable<void> Engine::add_credentials(GetRequest& request)
{
    if (!request.authorization.empty() || !request.uri.userinfo.empty())
        co_return;
    if (!netrc_)
        netrc_ = co_await context.offload([this] { return read_netrc(netrc_path(options)); });
    const auto entry = find_in_netrc(*netrc_, request.uri.host);
    if (entry && !(entry->login.empty() && entry->password.empty()))
        request.authorization = basic_authorization(entry->login + ":" + entry->password);
}

} // namespace furiosa::http
