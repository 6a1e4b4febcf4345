#include "model/model_state.hpp"
#include "model/progress_relay.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/model/load_model.hpp>
#include <furiosa/registry/registries.hpp>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <iterator>

namespace furiosa::model {

namespace asio = boost::asio;

namespace detail {

namespace {

/// Whatever an operation throws, as an Error that names the model.
[[noreturn]] void rethrow_naming(std::string_view name)
{
    const auto where = fmt::format("model '{}'", name);
    try {
        throw;
    } catch (const Error& error) {
        if (std::string_view(error.what()).find(where) != std::string_view::npos)
            throw;
        throw error.within(where);
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted)
            throw Error(errc::cancelled, "loading was cancelled").within(where);
        throw Error(error.code(), error.code().message()).within(where);
    }
}

asio::awaitable<Model> load(std::string name, LoadOptions options, asio::any_io_executor caller)
{
    auto& context = context_of(options);
    auto& registries = context.use<registry::Registries>();
    auto registry = options.registry;
    registry.uri = registry::Registries::resolve_name(registry.uri);
    auto manifest = co_await registries.manifest(registry);
    if (!manifest->find(name) && registry.policy != registry::Policy::offline) {
        registries.forget_manifest(registry); // it may be old, or was damaged on its way
        manifest = co_await registries.manifest(registry);
    }
    const auto& info = manifest->at(name, registry.uri);
    auto model = ModelState::make(context, std::move(registry), manifest, info);
    auto progress = ProgressRelay::to(caller, options.on_progress);
    const bool has_source = model.find(registry::ArtifactKind::onnx) || model.find(registry::ArtifactKind::tflite);
    if (options.resolve == Resolve::all)
        co_await ModelState::fetch_all(model, std::move(progress));
    else if (options.resolve == Resolve::source && has_source)
        co_await ModelState::fetch(model.source_artifact(), std::move(progress));
    co_return model;
}

} // namespace

asio::awaitable<Model> do_load_model(std::string name, LoadOptions options, asio::any_io_executor caller)
{
    try {
        co_return co_await load(name, options, caller);
    } catch (...) {
        rethrow_naming(name);
    }
}

asio::awaitable<std::vector<registry::ModelInfo>> do_list_models(LoadOptions options, std::string task)
{
    const auto manifest = co_await context_of(options).use<registry::Registries>().manifest(options.registry);
    if (task.empty())
        co_return manifest->models;
    std::vector<registry::ModelInfo> models;
    std::ranges::copy_if(manifest->models, std::back_inserter(models),
                         [&](const registry::ModelInfo& model) { return model.task == task; });
    co_return models;
}

} // namespace detail

asio::awaitable<Model> load_model(std::string name, LoadOptions options)
{
    co_return co_await async_load_model(co_await asio::this_coro::executor, std::move(name), std::move(options),
                                        asio::use_awaitable);
}

asio::awaitable<std::vector<registry::ModelInfo>> list_models(LoadOptions options, std::string task)
{
    co_return co_await async_list_models(co_await asio::this_coro::executor, std::move(options), std::move(task),
                                         asio::use_awaitable);
}

} // namespace furiosa::model
