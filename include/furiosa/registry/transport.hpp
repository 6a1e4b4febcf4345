#pragma once

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/http/uri.hpp>

#include <cstdint>

namespace furiosa::registry {

/// Brings the bytes at `uri` into `sink` by the transport for its scheme: http, https or file.
///
/// At most `max_size` bytes are taken. Throws errc::unknown_scheme and what the transport throws, naming the URI.
/// To be awaited on the I/O executor of the Context; cancellation is terminal.
boost::asio::awaitable<void> transport(Context& context, http::Uri uri, std::uint64_t max_size, ByteSink& sink);

/// The same for a sink that takes ranges: resumes, and fetches large artifacts over several connections.
boost::asio::awaitable<void> transport(Context& context, http::Uri uri, std::uint64_t max_size, RangedSink& sink);

/// The transport for file URIs: reads on a worker, straight into the room of the sink.
boost::asio::awaitable<void> transport_file(Context& context, http::Uri uri, std::uint64_t max_size, ByteSink& sink);

} // namespace furiosa::registry
