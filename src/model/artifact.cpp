#include "model/model_state.hpp"
#include "model/progress_relay.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/http/uri.hpp>
#include <furiosa/registry/registries.hpp>

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

std::string redacted(const std::string& uri)
{
    return http::Uri::parse(uri).redacted();
}

/// By value: a coroutine starts when it is awaited, and the handle that made it may be gone by then.
asio::awaitable<SharedBytes> fetch_for_caller(Artifact artifact, std::function<void(store::Progress)> on_progress)
{
    const auto executor = co_await asio::this_coro::executor;
    co_return co_await artifact.async_fetch(executor, std::move(on_progress), asio::use_awaitable);
}

} // namespace

asio::awaitable<SharedBytes> Artifact::fetch(std::function<void(store::Progress)> on_progress) const
{
    return fetch_for_caller(*this, std::move(on_progress));
}

asio::awaitable<SharedBytes> Artifact::do_fetch_for(Artifact artifact, asio::any_io_executor caller,
                                                    std::function<void(store::Progress)> on_progress)
{
    return do_fetch(std::move(artifact), ProgressRelay::to(std::move(caller), std::move(on_progress)));
}

asio::awaitable<SharedBytes> Artifact::do_fetch(Artifact artifact, store::ProgressFunction progress)
{
    if (auto bytes = artifact.bytes()) {
        if (progress)
            progress({artifact.size(), artifact.size()});
        co_return std::move(*bytes);
    }
    auto& context = artifact.context();
    const auto name = artifact.name();
    const store::BlobRequest request{artifact.digest(), artifact.size(),
                                     fmt::format("{} from {}", name, redacted(artifact.info().uris.front()))};
    auto source = context.use<registry::Registries>().source(artifact.info(), artifact.state_->registry);
    std::exception_ptr failure;
    try {
        auto bytes = co_await context.use<store::Store>().fetch(request, std::move(source), std::move(progress));
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
