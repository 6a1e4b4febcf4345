#include "http/exchange.hpp"

#include "http/header_values.hpp"
#include "http/response_head.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>

namespace furiosa::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr std::size_t piece = 16 * 1024;

bool is_end_of_stream(const boost::system::error_code& code)
{
    return code == asio::error::eof || code == asio::ssl::error::stream_truncated;
}

} // namespace

Exchange::Exchange(const DownloadMachine::Ask& ask, const ClientOptions& options,
                   std::optional<Connection::Clock::time_point> deadline)
    : ask_(ask), options_(options), deadline_(deadline)
{
}

TransferWatch::Limits Exchange::limits_for_head() const
{
    return {options_.idle_timeout, 0, {}, deadline_};
}

TransferWatch::Limits Exchange::limits_for_body() const
{
    return {options_.idle_timeout, options_.min_rate, options_.min_rate_window, deadline_};
}

std::string Exchange::request_text(const Route& route) const
{
    const auto& uri = ask_.uri;
    const bool ipv6 = uri.host.find(':') != std::string::npos;
    auto authority = fmt::format("{}{}{}", ipv6 ? "[" : "", uri.host, ipv6 ? "]" : "");
    if (uri.port != 0)
        authority += fmt::format(":{}", uri.port);
    std::string text;
    if (route.proxy_forwards()) { // RFC 9112, section 3.2.2
        text = fmt::format("GET http://{0}{1} HTTP/1.1\r\nHost: {0}", authority, uri.target());
        if (!route.proxy->userinfo.empty())
            text += fmt::format("\r\nProxy-Authorization: {}", basic_authorization(percent_decode(route.proxy->userinfo)));
    } else {
        text = fmt::format("GET {} HTTP/1.1\r\nHost: {}", uri.target(), authority);
    }
    text += fmt::format("\r\nUser-Agent: {}\r\nAccept: */*\r\nAccept-Encoding: identity\r\n", options_.user_agent);
    for (const auto& [name, value] : ask_.headers)
        text += fmt::format("{}: {}\r\n", name, value);
    return text + "\r\n";
}

asio::awaitable<ResponseHead> Exchange::send_and_read_head(Connection& connection)
{
    stage = Stage::asking;
    const auto text = request_text(connection.route());
    connection.watch(limits_for_head());
    co_await connection.write(asio::buffer(text));
    do { // 1xx answers come before the real one
        co_await read_head(connection);
    } while (parser_->get().result_int() / 100 == 1);

    co_return response_head(*parser_);
}

/// A trickle of header bytes is no life: the watch is not told of them.
asio::awaitable<void> Exchange::read_head(Connection& connection)
{
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(options_.header_limit));
    parser_->body_limit(boost::none);
    parser_->eager(false);
    for (;;) {
        boost::system::error_code code;
        if (connection.buffer.size() != 0) {
            connection.buffer.consume(parser_->put(connection.buffer.data(), code));
            if (parser_->is_header_done())
                co_return;
            if (code && code != beast::http::error::need_more)
                throw boost::system::system_error(code);
            if (connection.buffer.size() > options_.header_limit)
                throw boost::system::system_error(beast::http::error::header_limit);
        }
        co_await read_more(connection);
        stage = Stage::reading_head;
    }
}

asio::awaitable<void> Exchange::read_more(Connection& connection)
{
    const auto count = co_await connection.read_some(connection.buffer.prepare(piece));
    connection.buffer.commit(count);
}

asio::awaitable<void> Exchange::read_body(Connection& connection, ByteSink& sink, std::uint64_t limit)
{
    stage = Stage::reading_body;
    connection.watch(limits_for_body());
    const auto length = parser_->content_length();
    if (length && *length > limit)
        throw_error(errc::body_too_large, "{}: the body has {} bytes, but at most {} are taken", ask_.uri.redacted(), *length, limit);
    if (length && !parser_->chunked())
        co_await read_counted(connection, sink, *length);
    else
        co_await read_parsed(connection, sink, limit);
}

/// The common case, kept short: from the socket straight into the sink's memory.
asio::awaitable<void> Exchange::read_counted(Connection& connection, ByteSink& sink, std::uint64_t length)
{
    while (length != 0) {
        connection.pause_watch(); // a slow disk is not a slow server
        auto room = co_await sink.prepare();
        connection.resume_watch();
        if (room.empty())
            co_return;
        room = room.first(static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), length)));
        std::size_t count = std::min(room.size(), connection.buffer.size());
        if (count != 0) {
            std::memcpy(room.data(), connection.buffer.data().data(), count);
            connection.buffer.consume(count);
        } else {
            count = co_await connection.read_some(asio::buffer(room.data(), room.size()));
        }
        connection.progress(count);
        sink.commit(count);
        length -= count;
    }
    finished = true;
}

/// Chunked, or until the server closes: Beast finds out what is body.
asio::awaitable<void> Exchange::read_parsed(Connection& connection, ByteSink& sink, std::uint64_t limit)
{
    while (!parser_->is_done()) {
        connection.pause_watch();
        const auto room = co_await sink.prepare();
        connection.resume_watch();
        if (room.empty())
            co_return;
        if (const auto count = parse_some(connection, room)) {
            if (count > limit)
                throw_error(errc::body_too_large, "{}: the body is longer than the bytes that are taken", ask_.uri.redacted());
            limit -= count;
            sink.commit(count);
            continue;
        }
        if (parser_->is_done())
            break;
        bool ended = false;
        try {
            co_await read_more(connection);
        } catch (const boost::system::system_error& error) {
            if (!is_end_of_stream(error.code()))
                throw;
            ended = true;
        }
        connection.progress(connection.buffer.size());
        if (ended) {
            boost::system::error_code code;
            parser_->put_eof(code);
            if (code)
                throw boost::system::system_error(asio::error::eof);
        }
    }
    finished = true;
}

/// Body bytes out of what has come into `room`; says how many.
std::size_t Exchange::parse_some(Connection& connection, std::span<std::byte> room)
{
    auto& body = parser_->get().body();
    body.data = room.data();
    body.size = room.size();
    body.more = true;
    while (connection.buffer.size() != 0 && body.size != 0 && !parser_->is_done()) {
        boost::system::error_code code;
        const auto used = parser_->put(connection.buffer.data(), code);
        connection.buffer.consume(used);
        if (code == beast::http::error::need_more || code == beast::http::error::need_buffer)
            break;
        if (code)
            throw boost::system::system_error(code);
        if (used == 0)
            break;
    }
    return room.size() - body.size;
}

bool Exchange::body_is_empty() const
{
    const auto length = parser_->content_length();
    return length && *length == 0;
}

bool Exchange::may_keep_alive() const
{
    return finished && parser_->keep_alive();
}

Error Exchange::explain(const boost::system::error_code& code, TransferWatch::Verdict verdict) const
{
    const auto at = [&](errc e, std::string_view what) {
        return Error(e, fmt::format("{}: {}", ask_.uri.redacted(), what));
    };
    switch (verdict) {
    case TransferWatch::Verdict::fine: break;
    case TransferWatch::Verdict::late: return at(errc::timed_out, "the download did not end before its deadline");
    case TransferWatch::Verdict::slow:
        return at(errc::too_slow, fmt::format("fewer than {} bytes a second came", options_.min_rate));
    case TransferWatch::Verdict::idle:
        return stage == Stage::connecting
                   ? at(errc::connection_failed, fmt::format("no connection came about in {} ms", options_.connect_timeout.count()))
                   : at(errc::idle_timeout, fmt::format("the server said nothing for {} ms", options_.idle_timeout.count()));
    }
    if (code == asio::error::operation_aborted)
        return at(errc::cancelled, "the download was cancelled");
    if (code.category() == asio::error::get_netdb_category() || code.category() == asio::error::get_addrinfo_category())
        return at(errc::host_not_found, fmt::format("host '{}' cannot be resolved: {}", ask_.uri.host, code.message()));
    if (code == asio::error::connection_refused)
        return at(errc::connection_refused, "the connection was refused: does a server listen there?");
    if (code == beast::http::error::header_limit)
        return at(errc::header_too_large, fmt::format("the response header is larger than {} bytes", options_.header_limit));
    if (code.category() == make_error_code(beast::http::error::bad_version).category())
        return at(errc::malformed_response, fmt::format("the server does not speak HTTP/1.1: {}", code.message()));
    if (stage == Stage::reading_body)
        return at(errc::truncated_body, fmt::format("the connection ended in the middle of the body: {}", code.message()));
    return at(errc::connection_failed, fmt::format("the connection failed: {}", code.message()));
}

} // namespace furiosa::http
