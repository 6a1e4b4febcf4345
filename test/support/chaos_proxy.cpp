#include "support/chaos_proxy.hpp"

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <condition_variable>
#include <fmt/format.h>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

namespace furiosa::test {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using asio::use_awaitable;
using Request = http::request<http::empty_body>;
using Head = http::response_header<>;

namespace {

std::string text_of(const Head& head)
{
    std::ostringstream text;
    text << head;
    return text.str();
}

/// "bytes 5-9/20" moved by one byte.
std::string moved_range(std::string_view range)
{
    unsigned long long first = 0, last = 0, total = 0;
    std::sscanf(std::string(range).c_str(), "bytes %llu-%llu/%llu", &first, &last, &total);
    return fmt::format("bytes {}-{}/{}", first + 1, last + 1, total + 2);
}

/// One request, and what is to go wrong with its answer.
struct Errand
{
    std::string target;
    std::string if_range;
    FaultOrder order;
};

/// The body of an answer on its way: where it ends early, and what is changed in it.
struct Passage
{
    std::uint64_t length = 0;             // of the server's body
    std::uint64_t end = 0;                // no byte from here on is passed on
    std::optional<std::uint64_t> flipped; // a bit of this byte is turned over
};

bool is_in_head(Fault fault)
{
    switch (fault) {
    case Fault::cut_head:
    case Fault::other_version:
    case Fault::mixed_versions:
    case Fault::changed_validator:
    case Fault::claims_more:
    case Fault::claims_less:
    case Fault::wrong_range:
    case Fault::ignored_range: return true;
    default: return false;
    }
}

} // namespace

std::string_view to_string(Fault fault) noexcept
{
    switch (fault) {
    case Fault::none: return "none";
    case Fault::cut: return "cut";
    case Fault::reset: return "reset";
    case Fault::cut_head: return "cut in the head";
    case Fault::stall: return "stall";
    case Fault::other_version: return "other version";
    case Fault::mixed_versions: return "mixed versions";
    case Fault::changed_validator: return "changed validator";
    case Fault::claims_more: return "claims more";
    case Fault::claims_less: return "claims less";
    case Fault::flipped_bit: return "flipped bit";
    case Fault::wrong_range: return "wrong range";
    case Fault::ignored_range: return "ignored range";
    case Fault::too_many_requests: return "429";
    case Fault::unavailable: return "503";
    }
    return "?";
}

struct ChaosProxy::Impl
{
    Impl(std::uint16_t server_port, Choose chooser) : server(server_port), choose(std::move(chooser))
    {
        asio::co_spawn(loop, listen(), asio::detached);
        thread = std::jthread([this] { loop.run(); });
    }
    ~Impl() { loop.stop(); }

    asio::awaitable<void> listen()
    {
        for (;;) {
            auto socket = co_await acceptor.async_accept(use_awaitable);
            asio::co_spawn(loop, talk(std::move(socket)), asio::detached);
        }
    }

    asio::awaitable<void> talk(tcp::socket client)
    {
        try {
            boost::beast::flat_buffer buffer;
            for (bool goes_on = true; goes_on;) {
                Request request;
                co_await http::async_read(client, buffer, request, use_awaitable);
                const auto order = choose(std::string(request.target()));
                goes_on = co_await answer(client, std::move(request), order);
            }
        } catch (const boost::system::system_error&) {
            // The client has gone, as clients do that are cancelled, killed or tired of waiting.
        }
    }

    /// False: the connection is at its end.
    asio::awaitable<bool> answer(tcp::socket& client, Request request, FaultOrder order)
    {
        if (order.fault == Fault::too_many_requests || order.fault == Fault::unavailable) {
            co_await refuse(client, order.fault);
            co_return true;
        }
        Errand errand{std::string(request.target()), std::string(request[http::field::if_range]), order};
        change_request(request, errand.order.fault);
        tcp::socket upstream(loop);
        co_await upstream.async_connect({asio::ip::address_v4::loopback(), server}, use_awaitable);
        request.set(http::field::connection, "close");
        co_await http::async_write(upstream, request, use_awaitable);
        co_return co_await pass_on(client, upstream, errand);
    }

    asio::awaitable<void> refuse(tcp::socket& client, Fault fault)
    {
        const std::string text = fault == Fault::unavailable
                                     ? "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
                                     : "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n";
        co_await asio::async_write(client, asio::buffer(text), use_awaitable);
        count(fault);
    }

    /// What the server is asked instead. The fault becomes none where the request gives no occasion for it.
    void change_request(Request& request, Fault& fault)
    {
        if (fault == Fault::ignored_range) {
            if (request.count(http::field::range) == 0)
                fault = Fault::none;
            request.erase(http::field::range);
        }
        if (fault == Fault::other_version || fault == Fault::mixed_versions)
            request.target(std::string(request.target()) + ".other");
        if (fault == Fault::mixed_versions)
            request.erase(http::field::if_range);
    }

    using Parser = http::response_parser<http::buffer_body>;

    asio::awaitable<bool> pass_on(tcp::socket& client, tcp::socket& upstream, Errand& errand)
    {
        boost::beast::flat_buffer buffer;
        Parser parser;
        parser.body_limit(boost::none);
        co_await http::async_read_header(upstream, buffer, parser, use_awaitable);
        Passage passage;
        passage.length = passage.end = parser.content_length() ? *parser.content_length() : 0;
        Head head = parser.get().base();
        head.erase(http::field::connection);
        change_head(head, errand, passage);
        change_body(errand.order, passage);
        auto text = text_of(head);
        const bool cut = errand.order.fault == Fault::cut_head;
        if (cut)
            text.resize(1 + static_cast<std::size_t>(errand.order.place * static_cast<double>(text.size() - 2)));
        co_await asio::async_write(client, asio::buffer(text), use_awaitable);
        if (is_in_head(errand.order.fault)) // a client that sees it may not wait for the body
            count(errand.order.fault);
        if (cut)
            co_return false;
        co_await pass_body(client, upstream, buffer, parser, passage);
        co_return co_await end(client, errand.order.fault);
    }

    void change_head(Head& head, Errand& errand, Passage& passage)
    {
        auto& fault = errand.order.fault;
        if (fault == Fault::mixed_versions)
            fault = give_etag_of_this_version(head, errand) ? fault : Fault::none;
        if (fault == Fault::changed_validator)
            head.set(http::field::etag, fmt::format("\"changed-{}\"", ++changes));
        if (fault == Fault::wrong_range && head.count(http::field::content_range) == 0)
            fault = Fault::none;
        if (fault == Fault::wrong_range)
            head.set(http::field::content_range, moved_range(head[http::field::content_range]));
        if (fault == Fault::claims_less)
            passage.end = place_in(passage, errand.order);
        if (fault == Fault::claims_less)
            head.set(http::field::content_length, std::to_string(passage.end));
        if (fault == Fault::claims_more)
            head.set(http::field::content_length,
                     std::to_string(passage.length + 1 + place_in(passage, errand.order)));
        if (fault == Fault::none || fault == Fault::cut || fault == Fault::stall)
            etags.try_emplace(errand.target, head[http::field::etag]);
    }

    /// False where nobody has seen one yet.
    bool give_etag_of_this_version(Head& head, const Errand& errand) const
    {
        const auto seen = etags.find(errand.target);
        if (seen == etags.end() && errand.if_range.empty())
            return false;
        head.set(http::field::etag, errand.if_range.empty() ? seen->second : errand.if_range);
        return true;
    }

    static std::uint64_t place_in(const Passage& passage, const FaultOrder& order)
    {
        return static_cast<std::uint64_t>(order.place * static_cast<double>(passage.length));
    }

    static void change_body(const FaultOrder& order, Passage& passage)
    {
        if (order.fault == Fault::cut || order.fault == Fault::reset || order.fault == Fault::stall)
            passage.end = place_in(passage, order);
        if (order.fault == Fault::flipped_bit)
            passage.flipped = place_in(passage, order);
    }

    asio::awaitable<void> pass_body(tcp::socket& client, tcp::socket& upstream, boost::beast::flat_buffer& buffer,
                                    Parser& parser, const Passage& passage)
    {
        std::array<char, 64 * 1024> piece;
        std::uint64_t position = 0;
        while (position != passage.end && !parser.is_done()) {
            parser.get().body().data = piece.data();
            parser.get().body().size = piece.size();
            boost::system::error_code error;
            co_await http::async_read(upstream, buffer, parser, asio::redirect_error(use_awaitable, error));
            if (error && error != http::error::need_buffer)
                throw boost::system::system_error(error);
            const auto came = piece.size() - parser.get().body().size;
            const auto sent = std::min<std::uint64_t>(came, passage.end - position);
            if (passage.flipped && *passage.flipped >= position && *passage.flipped < position + sent) {
                piece[*passage.flipped - position] ^= 4;
                count(Fault::flipped_bit);
            }
            co_await asio::async_write(client, asio::buffer(piece.data(), sent), use_awaitable);
            position += sent;
            add_bytes(sent);
        }
    }

    /// What the client has been given is done to it now; false: the connection is at its end.
    asio::awaitable<bool> end(tcp::socket& client, Fault fault)
    {
        if (fault == Fault::cut || fault == Fault::reset || fault == Fault::stall)
            count(fault);
        if (fault == Fault::reset)
            client.set_option(asio::socket_base::linger(true, 0)); // what is still in the buffers is lost too
        if (fault == Fault::stall) {
            char never;
            boost::system::error_code gone;
            co_await client.async_read_some(asio::buffer(&never, 1), asio::redirect_error(use_awaitable, gone));
        }
        co_return fault != Fault::claims_more && fault != Fault::reset && fault != Fault::cut && fault != Fault::stall;
    }

    void count(Fault fault)
    {
        std::lock_guard lock(mutex);
        ++faults[fault];
    }

    void add_bytes(std::uint64_t more)
    {
        std::lock_guard lock(mutex);
        bytes += more;
        came.notify_all();
    }

    const std::uint16_t server;
    const Choose choose;
    std::map<std::string, std::string> etags; // of the right version, by target
    unsigned changes = 0;
    asio::io_context loop{1};
    tcp::acceptor acceptor{loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    mutable std::mutex mutex;
    mutable std::condition_variable came;
    std::map<Fault, std::size_t> faults;
    std::uint64_t bytes = 0;
    std::jthread thread;
};

ChaosProxy::ChaosProxy(std::uint16_t server, Choose choose) : impl_(std::make_unique<Impl>(server, std::move(choose)))
{
}

ChaosProxy::~ChaosProxy() = default;

std::string ChaosProxy::uri(std::string_view target) const
{
    return fmt::format("http://127.0.0.1:{}{}", impl_->acceptor.local_endpoint().port(), target);
}

std::map<Fault, std::size_t> ChaosProxy::done() const
{
    std::lock_guard lock(impl_->mutex);
    return impl_->faults;
}

bool ChaosProxy::wait_for_bytes(std::uint64_t count, std::chrono::milliseconds time) const
{
    std::unique_lock lock(impl_->mutex);
    return impl_->came.wait_for(lock, time, [&] { return impl_->bytes >= count; });
}

} // namespace furiosa::test
