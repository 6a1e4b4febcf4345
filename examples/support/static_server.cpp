#include "support/static_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <thread>

namespace examples {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

using Request = http::request<http::empty_body>;

asio::awaitable<void> refuse(beast::tcp_stream& stream, const Request& request, http::status status)
{
    http::response<http::string_body> response(status, request.version(), std::string(http::obsolete_reason(status)));
    response.prepare_payload();
    response.keep_alive(request.keep_alive());
    co_await http::async_write(stream, response, as_tuple);
}

asio::awaitable<void> answer(beast::tcp_stream& stream, const std::filesystem::path& folder, const Request& request)
{
    const std::string target(request.target());
    if (request.method() != http::verb::get || target.empty() || target[0] != '/' || target.find("..") != target.npos)
        co_return co_await refuse(stream, request, http::status::bad_request);
    http::file_body::value_type file;
    beast::error_code error;
    const auto path = folder / target.substr(1);
    if (!std::filesystem::is_regular_file(path))
        co_return co_await refuse(stream, request, http::status::not_found);
    file.open(path.c_str(), beast::file_mode::scan, error);
    if (error)
        co_return co_await refuse(stream, request, http::status::not_found);
    http::response<http::file_body> response(http::status::ok, request.version(), std::move(file));
    response.prepare_payload();
    response.keep_alive(request.keep_alive());
    co_await http::async_write(stream, response, as_tuple);
}

asio::awaitable<void> serve_connection(tcp::socket socket, const std::filesystem::path& folder)
{
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    for (;;) {
        Request request;
        const auto [error, size] = co_await http::async_read(stream, buffer, request, as_tuple);
        if (error)
            co_return;
        co_await answer(stream, folder, request);
        if (!request.keep_alive())
            co_return;
    }
}

asio::awaitable<void> accept_connections(tcp::acceptor& acceptor, const std::filesystem::path& folder)
{
    for (;;) {
        auto [error, socket] = co_await acceptor.async_accept(as_tuple);
        if (error)
            co_return;
        asio::co_spawn(acceptor.get_executor(), serve_connection(std::move(socket), folder), asio::detached);
    }
}

} // namespace

struct StaticServer::Impl
{
    explicit Impl(std::filesystem::path path) : folder(std::move(path)), acceptor(loop, {asio::ip::address_v4::loopback(), 0})
    {
        asio::co_spawn(loop, accept_connections(acceptor, folder), asio::detached);
        thread = std::jthread([this] { loop.run(); });
    }
    ~Impl() { loop.stop(); }

    const std::filesystem::path folder;
    asio::io_context loop{1};
    tcp::acceptor acceptor;
    std::jthread thread;
};

StaticServer::StaticServer(std::filesystem::path folder) : impl_(std::make_unique<Impl>(std::move(folder)))
{
}

StaticServer::~StaticServer() = default;

std::string StaticServer::uri() const
{
    return fmt::format("http://127.0.0.1:{}", impl_->acceptor.local_endpoint().port());
}

} // namespace examples
