#pragma once

#include "http/connection.hpp"

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/http/client.hpp>
#include <furiosa/http/download_machine.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>
#include <string>

namespace furiosa::http {

/// One request and its response on a connection.
class Exchange
{
public:
    /// How far it has come, for the explanation of an error.
    enum class Stage { connecting, asking, reading_head, reading_body };

    Exchange(const DownloadMachine::Ask& ask, const ClientOptions& options,
             std::optional<Connection::Clock::time_point> deadline);

    boost::asio::awaitable<ResponseHead> send_and_read_head(Connection& connection);

    /// The body into the sink, which was started, until it ends or the sink wants no more. Throws
    /// errc::body_too_large beyond `limit` bytes, system_error, and what the sink throws.
    boost::asio::awaitable<void> read_body(Connection& connection, ByteSink& sink, std::uint64_t limit);

    /// What a network error means, as an Error that names the URI.
    Error explain(const boost::system::error_code& code, TransferWatch::Verdict verdict) const;

    bool body_is_empty() const;
    bool may_keep_alive() const;

    Stage stage = Stage::asking;
    bool finished = false; ///< the whole body was read

private:
    using Parser = boost::beast::http::response_parser<boost::beast::http::buffer_body>;

    boost::asio::awaitable<void> read_head(Connection& connection);
    boost::asio::awaitable<void> read_counted(Connection& connection, ByteSink& sink, std::uint64_t length);
    boost::asio::awaitable<void> read_parsed(Connection& connection, ByteSink& sink, std::uint64_t limit);
    std::size_t parse_some(Connection& connection, std::span<std::byte> room);
    boost::asio::awaitable<void> read_more(Connection& connection);
    std::string request_text(const Route& route) const;
    TransferWatch::Limits limits_for_head() const;
    TransferWatch::Limits limits_for_body() const;

    const DownloadMachine::Ask& ask_;
    const ClientOptions& options_;
    std::optional<Connection::Clock::time_point> deadline_;
    std::optional<Parser> parser_;
};

} // namespace furiosa::http
