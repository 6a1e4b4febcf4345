#include "model/model_state.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/ranges.h>

namespace furiosa::model {

namespace asio = boost::asio;
using registry::ArtifactKind;

const registry::ModelInfo& Model::info() const noexcept
{
    return state_->info;
}

const std::string& Model::registry() const noexcept
{
    return state_->registry;
}

Context& Model::context() const noexcept
{
    return state_->context;
}

std::vector<Artifact> Model::artifacts() const
{
    std::vector<Artifact> all;
    for (std::size_t i = 0; i != info().artifacts.size(); ++i)
        all.push_back(Artifact(state_, i));
    return all;
}

std::optional<Artifact> Model::find(ArtifactKind kind, std::string_view target) const
{
    for (auto& artifact : artifacts())
        if (artifact.kind() == kind && (target.empty() || artifact.target() == target))
            return std::move(artifact);
    return std::nullopt;
}

Artifact Model::at(ArtifactKind kind, std::string_view target) const
{
    if (auto artifact = find(kind, target))
        return std::move(*artifact);
    std::vector<std::string> present;
    for (const auto& artifact : artifacts())
        present.push_back(fmt::format("{}{}{}", to_string(artifact.kind()), artifact.target().empty() ? "" : " for ",
                                      artifact.target()));
    throw_error(errc::unknown_artifact, "model '{}' has no artifact {}{}{}: it has {}", name(), to_string(kind),
                target.empty() ? "" : " for ", target, fmt::join(present, ", "));
}

Artifact Model::source_artifact() const
{
    if (auto tflite = find(ArtifactKind::tflite); tflite && !find(ArtifactKind::onnx))
        return std::move(*tflite);
    return at(ArtifactKind::onnx);
}

namespace {

/// By value: a coroutine starts when it is awaited, and the handle that made it may be gone by then.
asio::awaitable<void> resolve_all_for_caller(Model model)
{
    co_await model.async_resolve_all(co_await asio::this_coro::executor, asio::use_awaitable);
}

constexpr std::size_t fetches_at_once = 4;

/// Fetches every fourth artifact, from `first` on: four of these together fetch all.
asio::awaitable<void> fetch_some(std::vector<Artifact> artifacts, std::size_t first)
{
    for (std::size_t i = first; i < artifacts.size(); i += fetches_at_once)
        co_await detail::ModelState::fetch(artifacts[i], co_await asio::this_coro::executor, {});
}

} // namespace

asio::awaitable<void> Model::resolve_all() const
{
    return resolve_all_for_caller(*this);
}

asio::awaitable<void> Model::do_resolve_all() const
{
    using namespace asio::experimental::awaitable_operators;
    const auto all = artifacts();
    co_await (fetch_some(all, 0) && fetch_some(all, 1) && fetch_some(all, 2) && fetch_some(all, 3));
}

} // namespace furiosa::model
