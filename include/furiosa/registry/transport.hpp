#pragma once

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/http/client.hpp>

namespace furiosa::registry {

/// Brings what a request asks for into `sink`, by the transport for the scheme of its URI: http, https or file.
///
/// Throws errc::unknown_scheme and what the transport throws, naming the URI.
/// To be awaited on the I/O executor of the Context; cancellation is terminal.
boost::asio::awaitable<http::GetResult> transport(Context& context, http::GetRequest request, ByteSink& sink);

/// The same for a sink that takes ranges: resumes, and fetches large artifacts over several connections.
boost::asio::awaitable<http::GetResult> transport(Context& context, http::GetRequest request, RangedSink& sink);

/// The transport for file URIs: reads on a worker, straight into the room of the sink. Of the request, it looks at the
/// URI and the size alone.
boost::asio::awaitable<void> transport_file(Context& context, http::GetRequest request, ByteSink& sink);

} // namespace furiosa::registry
