#include <furiosa/registry/transport.hpp>

#include <furiosa/core/error.hpp>
#include <furiosa/http/client.hpp>

namespace furiosa::registry {

namespace asio = boost::asio;

namespace {

/// By reference: the two functions below hold the sink while they wait for this one.
template <class Sink>
asio::awaitable<void> transport_to(Context& context, http::Uri uri, std::uint64_t max_size, Sink& sink)
{
    if (uri.scheme == "file") {
        co_await transport_file(context, std::move(uri), max_size, sink);
    } else if (uri.scheme == "http" || uri.scheme == "https") {
        http::GetRequest request;
        request.uri = std::move(uri);
        request.max_size = max_size;
        co_await context.use<http::Client>().get(std::move(request), sink);
    } else {
        throw_error(errc::unknown_scheme, "{}: there is no transport for '{}': http, https and file are known",
                    uri.redacted(), uri.scheme);
    }
}

} // namespace

asio::awaitable<void> transport(Context& context, http::Uri uri, std::uint64_t max_size, ByteSink& sink)
{
    return transport_to(context, std::move(uri), max_size, sink);
}

asio::awaitable<void> transport(Context& context, http::Uri uri, std::uint64_t max_size, RangedSink& sink)
{
    return transport_to(context, std::move(uri), max_size, sink);
}

} // namespace furiosa::registry
