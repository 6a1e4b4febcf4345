#include <furiosa/registry/transport.hpp>

#include <furiosa/core/error.hpp>
#include <furiosa/http/client.hpp>

namespace furiosa::registry {

namespace asio = boost::asio;

asio::awaitable<void> transport(Context& context, http::Uri uri, std::uint64_t max_size, ByteSink& sink)
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

} // namespace furiosa::registry
