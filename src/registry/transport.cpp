#include <furiosa/registry/transport.hpp>

#include <furiosa/core/error.hpp>

namespace furiosa::registry {

namespace asio = boost::asio;

namespace {

/// By reference: the two functions below hold the sink while they wait for this one.
template <class Sink>
asio::awaitable<http::GetResult> transport_to(Context& context, http::GetRequest request, Sink& sink)
{
    const auto& scheme = request.uri.scheme;
    if (scheme == "http" || scheme == "https")
        co_return co_await context.use<http::Client>().get(std::move(request), sink);
    if (scheme != "file")
        throw_error(errc::unknown_scheme, "{}: there is no transport for '{}': http, https and file are known",
                    request.uri.redacted(), scheme);
    co_await transport_file(context, std::move(request), sink);
    co_return http::GetResult();
}

} // namespace

asio::awaitable<http::GetResult> transport(Context& context, http::GetRequest request, ByteSink& sink)
{
    return transport_to(context, std::move(request), sink);
}

asio::awaitable<http::GetResult> transport(Context& context, http::GetRequest request, RangedSink& sink)
{
    return transport_to(context, std::move(request), sink);
}

} // namespace furiosa::registry
