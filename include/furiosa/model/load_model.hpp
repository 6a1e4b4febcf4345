#pragma once

#include <furiosa/core/async_call.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/core/run_until_complete.hpp>
#include <furiosa/model/model.hpp>
#include <furiosa/registry/registry.hpp>

#include <boost/asio/use_awaitable.hpp>
#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace furiosa::model {

/// Which artifacts are on this machine when load_model has completed. The others come when they are asked for.
enum class Resolve {
    source, ///< the ONNX or TFLite file, or, of a model that has none, nothing
    all,
    none,
};

struct LoadOptions
{
    // Not an aggregate: g++ 12 destroys one twice that is made with braces in the arguments of a co_await.
    LoadOptions() = default;
    /// From a registry, or from its URI or folder alone.
    template <std::convertible_to<registry::Registry> Place>
    LoadOptions(Place&& place) : registry(std::forward<Place>(place))
    {
    }

    /// Where the models are, and how they are reached. Empty: $FURIOSA_REGISTRY, else the zoo.
    registry::Registry registry;
    Resolve resolve = Resolve::source;
    /// Told how far that has come, all artifacts together, on the executor of the caller. Where that is a strand, or a
    /// loop of one thread, it is never told twice at once, and for the last time before completion.
    std::function<void(store::Progress)> on_progress;
    /// Empty: Context::shared().
    Context* context = nullptr;
};

namespace detail {

boost::asio::awaitable<Model> do_load_model(std::string name, LoadOptions options,
                                            boost::asio::any_io_executor caller);
boost::asio::awaitable<std::vector<registry::ModelInfo>> do_list_models(LoadOptions options, std::string task);

inline Context& context_of(const LoadOptions& options)
{
    return options.context ? *options.context : Context::shared();
}

} // namespace detail

/// Loads a model by name, or by "name@version": reads the registry's manifest and fetches, verifies and maps what
/// `options.resolve` says.
///
/// Signature
///   void(std::exception_ptr, Model)
/// Executor
///   The handler runs on its associated executor, else on `executor`. All work is done on the Context's threads.
/// Errors
///   An Error whose sentence names the model and the URI: unknown_model with the nearest names, invalid_uri,
///   unknown_scheme, invalid_argument, size_mismatch, digest_mismatch, malformed_manifest, uri_outside_registry,
///   store_not_writable, disk_full, io_error, not_in_store, cancelled, and whatever http::Client::get reports, as
///   host_not_found, connection_refused, tls_failed, not_found, server_error, truncated_body.
/// Cancellation
///   Terminal, partial and total, all with the same effect: the operation ends with errc::cancelled; a download
///   that others wait for goes on.
template <class Token>
auto async_load_model(boost::asio::any_io_executor executor, std::string name, LoadOptions options, Token&& token)
{
    auto& context = detail::context_of(options);
    return furiosa::detail::async_call<Model>(
        context.io_executor(), executor,
        [name = std::move(name), options = std::move(options), executor] {
            return detail::do_load_model(name, options, executor);
        },
        std::forward<Token>(token));
}

/// The same for a coroutine on any executor: returns the model, throws the Error.
boost::asio::awaitable<Model> load_model(std::string name, LoadOptions options = {});

/// The models of a registry, or those of one task: void(std::exception_ptr, std::vector<registry::ModelInfo>).
template <class Token>
auto async_list_models(boost::asio::any_io_executor executor, LoadOptions options, std::string task, Token&& token)
{
    auto& context = detail::context_of(options);
    return furiosa::detail::async_call<std::vector<registry::ModelInfo>>(
        context.io_executor(), executor,
        [options = std::move(options), task = std::move(task)] { return detail::do_list_models(options, task); },
        std::forward<Token>(token));
}

/// The same for a coroutine on any executor. An empty task: all models.
boost::asio::awaitable<std::vector<registry::ModelInfo>> list_models(LoadOptions options = {}, std::string task = {});

} // namespace furiosa::model

namespace furiosa::blocking {

/// load_model for programs without an event loop: blocks the calling thread. Throws errc::would_deadlock when
/// that thread runs a loop of this library.
inline model::Model load_model(std::string name, model::LoadOptions options = {})
{
    return run_until_complete(model::load_model(std::move(name), std::move(options)));
}

inline std::vector<registry::ModelInfo> list_models(model::LoadOptions options = {}, std::string task = {})
{
    return run_until_complete(model::list_models(std::move(options), std::move(task)));
}

} // namespace furiosa::blocking
