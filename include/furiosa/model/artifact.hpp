#pragma once

#include <furiosa/core/async_call.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/core/shared_bytes.hpp>
#include <furiosa/registry/model_info.hpp>
#include <furiosa/store/store.hpp>

#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace furiosa::model {

namespace detail {
struct ModelState;
}

/// One file of a model. A cheap handle that keeps its model alive.
///
/// The bytes are fetched when they are first asked for, verified while they come, kept in the store, and mapped:
/// whoever asks again, in this process or another, shares the same pages.
///
/// Thread safety: distinct handles may be used from distinct threads, also those of one artifact.
class Artifact
{
public:
    Artifact() = default;

    registry::ArtifactKind kind() const noexcept { return info().kind; }
    /// For a program: what it was compiled for. Else empty.
    std::string_view target() const noexcept { return info().target; }
    std::string_view ir_version() const noexcept { return info().ir_version; }
    std::uint64_t size() const noexcept { return info().size; }
    const store::Digest& digest() const noexcept { return info().digest; }
    Context& context() const noexcept;
    /// "model 'digits', artifact onnx"
    std::string name() const;

    /// The bytes, if this process has fetched them already.
    std::optional<SharedBytes> bytes() const;

    /// The bytes, from the store or over the network: void(std::exception_ptr, SharedBytes).
    ///
    /// Errors: Error with the errc of http, store or registry, naming the model, the artifact and the URI.
    /// Cancellation: any type; a download that others wait for goes on.
    template <class Token>
    auto async_fetch(boost::asio::any_io_executor executor, Token&& token) const
    {
        return async_fetch(std::move(executor), {}, std::forward<Token>(token));
    }

    /// `on_progress` is told on `executor` how far it has come; in order where that is a strand, or a
    /// loop of one thread.
    template <class Token>
    auto async_fetch(boost::asio::any_io_executor executor, std::function<void(store::Progress)> on_progress,
                     Token&& token) const
    {
        return furiosa::detail::async_call<SharedBytes>(
            context().io_executor(), executor,
            [artifact = *this, executor, on_progress = std::move(on_progress)] {
                return do_fetch_for(artifact, executor, on_progress);
            },
            std::forward<Token>(token));
    }

    /// The same for a coroutine: returns the bytes, throws the error.
    boost::asio::awaitable<SharedBytes> fetch(std::function<void(store::Progress)> on_progress = {}) const;

private:
    friend class Model;
    friend struct detail::ModelState;

    Artifact(std::shared_ptr<const detail::ModelState> state, std::size_t index) noexcept
        : state_(std::move(state)), index_(index)
    {
    }

    const registry::ArtifactInfo& info() const noexcept;
    static boost::asio::awaitable<SharedBytes> do_fetch_for(Artifact artifact, boost::asio::any_io_executor caller,
                                                            std::function<void(store::Progress)> on_progress);
    static boost::asio::awaitable<SharedBytes> do_fetch(Artifact artifact, store::ProgressFunction progress);

    std::shared_ptr<const detail::ModelState> state_;
    std::size_t index_ = 0;
};

} // namespace furiosa::model
