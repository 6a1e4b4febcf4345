#include "support/fault_server.hpp"

#include <furiosa/core/byte_range.hpp>

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <fmt/format.h>
#include <thread>

namespace furiosa::test {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using asio::use_awaitable;
using Request = http::request<http::string_body>;

namespace {

struct Route
{
    std::deque<Answer> once;
    std::optional<Answer> always;
};

/// The bytes of the body that are sent, and the status line and headers before them.
struct Response
{
    std::string head;
    std::string body;
};

/// The bytes that Range asks for, if If-Range allows it.
std::optional<ByteRange> range_of(const Request& request, const Answer& answer)
{
    const std::string range(request[http::field::range]);
    const bool valid = range.starts_with("bytes=") && (!answer.etag.empty() || answer.ranges_without_etag);
    const auto condition = request[http::field::if_range];
    if (!valid || (!condition.empty() && condition != answer.etag))
        return std::nullopt;
    ByteRange wanted{0, answer.body.size()};
    const char* const end = range.data() + range.size();
    const auto dash = std::from_chars(range.data() + 6, end, wanted.first).ptr;
    std::uint64_t last = 0;
    if (dash != end && std::from_chars(dash + 1, end, last).ec == std::errc())
        wanted.last = std::min<std::uint64_t>(wanted.last, last + 1);
    return wanted;
}

std::string chunks_of(const std::string& body)
{
    constexpr std::size_t size = 1000;
    std::string text;
    for (std::size_t at = 0; at < body.size(); at += size) {
        const auto piece = body.substr(at, size);
        text += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
    }
    return text + "0\r\n\r\n";
}

Response respond(const Request& request, const Answer& answer)
{
    if (!answer.raw.empty())
        return {answer.raw, ""};
    Response response{"", answer.body};
    unsigned status = answer.status;
    std::string headers;
    if (const auto range = range_of(request, answer); range && !range->empty()) {
        status = 206;
        headers += fmt::format("Content-Range: bytes {}-{}/{}\r\n", range->first, range->last - 1, answer.body.size());
        response.body = answer.body.substr(range->first, range->size());
    }
    if (answer.chunked) {
        headers += "Transfer-Encoding: chunked\r\n";
        response.body = chunks_of(response.body);
    } else if (!answer.until_close) {
        headers += fmt::format("Content-Length: {}\r\n", answer.claimed_length.value_or(response.body.size()));
    }
    if (!answer.etag.empty())
        headers += fmt::format("ETag: {}\r\n", answer.etag);
    for (const auto& [name, value] : answer.headers)
        headers += fmt::format("{}: {}\r\n", name, value);
    response.head = fmt::format("HTTP/1.1 {} {}\r\n{}\r\n", status, answer.reason, headers);
    return response;
}

} // namespace

struct FaultServer::Impl
{
    explicit Impl(const std::optional<ServerCertificate>& certificate)
    {
        if (certificate) {
            tls.emplace(asio::ssl::context::tls_server);
            tls->use_certificate_chain(asio::buffer(certificate->certificate));
            tls->use_private_key(asio::buffer(certificate->private_key), asio::ssl::context::pem);
        }
        asio::co_spawn(loop, listen(), asio::detached);
        thread = std::jthread([this] { loop.run(); });
    }
    ~Impl() { loop.stop(); }

    asio::awaitable<void> listen()
    {
        for (;;) {
            auto socket = co_await acceptor.async_accept(use_awaitable);
            {
                std::lock_guard lock(mutex);
                ++connections;
            }
            asio::co_spawn(loop, talk(std::move(socket)), asio::detached);
        }
    }

    asio::awaitable<void> talk(tcp::socket socket)
    {
        try {
            if (tls) {
                asio::ssl::stream<tcp::socket> stream(std::move(socket), *tls);
                co_await stream.async_handshake(asio::ssl::stream_base::server, use_awaitable);
                resumed += SSL_session_reused(stream.native_handle()) != 0;
                co_await serve_on(stream);
            } else {
                co_await serve_on(socket);
            }
        } catch (const boost::system::system_error&) {
            // the client went away, as the tests make it do
        }
    }

    template <class Stream>
    asio::awaitable<void> serve_on(Stream& stream)
    {
        boost::beast::flat_buffer buffer;
        for (;;) {
            Request request;
            co_await http::async_read(stream, buffer, request, use_awaitable);
            const auto answer = record_and_choose(request);
            if constexpr (std::is_same_v<Stream, tcp::socket>) {
                if (request.method() == http::verb::connect && answer.status == 200) {
                    co_await relay(stream, std::string(request.target()));
                    co_return;
                }
            }
            const auto response = respond(request, answer);
            co_await asio::async_write(stream, asio::buffer(response.head), use_awaitable);
            const auto cut = std::min(answer.drop_after.value_or(SIZE_MAX), answer.stall_after.value_or(SIZE_MAX));
            const auto sent = std::min(cut, response.body.size());
            co_await asio::async_write(stream, asio::buffer(response.body.data(), sent), use_awaitable);
            if (answer.stall_after)
                co_await stall();
            if (cut < response.body.size() || answer.close || answer.until_close || answer.claimed_length ||
                !answer.raw.empty())
                co_return;
        }
    }

    /// A tunnel to a port of this machine, whatever host is named.
    asio::awaitable<void> relay(tcp::socket& client, std::string target)
    {
        const auto port = static_cast<std::uint16_t>(std::stoi(target.substr(target.rfind(':') + 1)));
        tcp::socket server(loop);
        co_await server.async_connect({asio::ip::address_v4::loopback(), port}, use_awaitable);
        const std::string_view yes = "HTTP/1.1 200 Connection established\r\n\r\n";
        co_await asio::async_write(client, asio::buffer(yes), use_awaitable);
        using namespace asio::experimental::awaitable_operators;
        co_await (copy(client, server) || copy(server, client));
    }

    static asio::awaitable<void> copy(tcp::socket& from, tcp::socket& to)
    {
        std::array<char, 4096> bytes;
        for (;;) {
            const auto count = co_await from.async_read_some(asio::buffer(bytes), use_awaitable);
            co_await asio::async_write(to, asio::buffer(bytes, count), use_awaitable);
        }
    }

    asio::awaitable<void> stall()
    {
        asio::steady_timer never(loop, asio::steady_timer::time_point::max());
        co_await never.async_wait(use_awaitable);
    }

    Answer record_and_choose(const Request& request)
    {
        std::lock_guard lock(mutex);
        RecordedRequest recorded{std::string(request.target()), {}};
        for (const auto& field : request) {
            std::string name(field.name_string());
            for (auto& c : name)
                c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            recorded.headers[name] = std::string(field.value());
        }
        requests.push_back(recorded);
        arrived.notify_all();
        auto& route = routes[recorded.target];
        if (!route.once.empty()) {
            auto answer = std::move(route.once.front());
            route.once.pop_front();
            return answer;
        }
        if (route.always)
            return *route.always;
        Answer none;
        none.status = 404;
        none.reason = "Not Found";
        return none;
    }

    asio::io_context loop{1};
    tcp::acceptor acceptor{loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::optional<asio::ssl::context> tls;
    mutable std::mutex mutex;
    mutable std::condition_variable arrived;
    std::map<std::string, Route> routes;
    std::vector<RecordedRequest> requests;
    std::size_t connections = 0;
    std::atomic<std::size_t> resumed = 0;
    std::jthread thread;
};

FaultServer::FaultServer(std::optional<ServerCertificate> tls) : impl_(std::make_unique<Impl>(tls)) {}

FaultServer::~FaultServer() = default;

void FaultServer::serve(const std::string& target, Answer answer)
{
    std::lock_guard lock(impl_->mutex);
    impl_->routes[target].always = std::move(answer);
}

void FaultServer::serve_once(const std::string& target, Answer answer)
{
    std::lock_guard lock(impl_->mutex);
    impl_->routes[target].once.push_back(std::move(answer));
}

std::uint16_t FaultServer::port() const noexcept
{
    return impl_->acceptor.local_endpoint().port();
}

std::string FaultServer::uri(const std::string& target, const std::string& host) const
{
    return fmt::format("{}://{}:{}{}", impl_->tls ? "https" : "http", host, port(), target);
}

std::vector<RecordedRequest> FaultServer::requests(const std::string& target) const
{
    std::lock_guard lock(impl_->mutex);
    std::vector<RecordedRequest> found;
    for (const auto& request : impl_->requests)
        if (request.target == target)
            found.push_back(request);
    return found;
}

std::size_t FaultServer::connection_count() const
{
    std::lock_guard lock(impl_->mutex);
    return impl_->connections;
}

std::size_t FaultServer::resumed_tls_sessions() const noexcept
{
    return impl_->resumed;
}

void FaultServer::wait_for_requests(const std::string& target, std::size_t count) const
{
    std::unique_lock lock(impl_->mutex);
    impl_->arrived.wait(lock, [&] {
        std::size_t seen = 0;
        for (const auto& request : impl_->requests)
            seen += request.target == target;
        return seen >= count;
    });
}

std::uint16_t unused_port()
{
    asio::io_context loop;
    return tcp::acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)).local_endpoint().port();
}

} // namespace furiosa::test
