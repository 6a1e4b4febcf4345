#include "model/model_state.hpp"
#include "model/progress_relay.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/http/uri.hpp>
#include <furiosa/registry/registry.hpp>

#include <boost/asio/this_coro.hpp>

namespace furiosa::model {

namespace asio = boost::asio;

std::string Artifact::name() const
{
    return fmt::format("model '{}', artifact {}{}{}", state_->info.name, to_string(kind()),
                       target().empty() ? "" : " for ", target());
}

std::optional<SharedBytes> Artifact::bytes() const
{
    return state_->fetched_bytes(index_);
}

const registry::ArtifactInfo& Artifact::info() const noexcept
{
    return state_->info.artifacts[index_];
}

Context& Artifact::context() const noexcept
{
    return state_->context;
}

namespace {

/// By value: a coroutine starts when it is awaited, and the handle that made it may be gone by then.
asio::awaitable<SharedBytes> fetch_for_caller(Artifact artifact)
{
    co_return co_await artifact.async_fetch(co_await asio::this_coro::executor, asio::use_awaitable);
}

} // namespace

asio::awaitable<SharedBytes> Artifact::fetch() const
{
    return fetch_for_caller(*this);
}

asio::awaitable<SharedBytes> Artifact::do_fetch(Artifact artifact, asio::any_io_executor progress_executor,
                                                store::ProgressFunction progress)
{
    if (auto bytes = artifact.bytes())
        co_return std::move(*bytes);

    store::ProgressFunction relay;
    if (progress)
        relay = [to = std::make_shared<ProgressRelay>(progress_executor, std::move(progress))](store::Progress p) {
            to->tell(p);
        };
    auto& context = artifact.context();
    const auto name = artifact.name();
    const store::BlobRequest request{artifact.digest(), artifact.size(),
                                     fmt::format("{} from {}", name, http::Uri::parse(artifact.info().uris.front()).redacted())};
    const store::Source source = [&context, info = artifact.info()](RangedSink& sink) {
        return context.use<registry::Registries>().fetch(info, sink);
    };
    std::exception_ptr failure;
    try {
        auto bytes = co_await context.use<store::Store>().fetch(request, source, std::move(relay));
        artifact.state_->remember(artifact.index_, bytes);
        co_return std::move(bytes);
    } catch (const Error& error) {
        // The store's own errors name the artifact already.
        const bool named = std::string_view(error.what()).starts_with(name);
        failure = std::make_exception_ptr(named ? error : error.within(name));
    }
    std::rethrow_exception(failure);
}

} // namespace furiosa::model
