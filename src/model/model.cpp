#include "model/model_state.hpp"
#include "model/progress_relay.hpp"

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
    return state_->registry.uri;
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
asio::awaitable<void> resolve_all_for_caller(Model model, std::function<void(store::Progress)> on_progress)
{
    const auto executor = co_await asio::this_coro::executor;
    co_await model.async_resolve_all(executor, std::move(on_progress), asio::use_awaitable);
}

/// Adds up how far each of several artifacts has come.
class TotalProgress
{
public:
    TotalProgress(const std::vector<Artifact>& artifacts, store::ProgressFunction listener)
        : done_(artifacts.size()), listener_(std::move(listener))
    {
        for (const auto& artifact : artifacts)
            total_.total += artifact.size();
    }

    void tell(std::size_t index, store::Progress progress)
    {
        // Bytes that turned out to be wrong are taken back.
        total_.done += progress.done - done_[index];
        done_[index] = progress.done;
        listener_(total_);
    }

private:
    std::vector<std::uint64_t> done_;
    store::Progress total_;
    store::ProgressFunction listener_;
};

constexpr std::size_t fetches_at_once = 4;

/// Fetches every fourth artifact, from `first` on: four of these together fetch all.
asio::awaitable<void> fetch_some(std::vector<Artifact> artifacts, std::size_t first,
                                 std::shared_ptr<TotalProgress> total)
{
    for (auto i = first; i < artifacts.size(); i += fetches_at_once) {
        store::ProgressFunction progress;
        if (total)
            progress = [total, i](store::Progress p) { total->tell(i, p); };
        co_await detail::ModelState::fetch(artifacts[i], std::move(progress));
    }
}

} // namespace

asio::awaitable<void> Model::resolve_all(std::function<void(store::Progress)> on_progress) const
{
    return resolve_all_for_caller(*this, std::move(on_progress));
}

asio::awaitable<void> Model::do_resolve_all_for(Model model, asio::any_io_executor caller,
                                                std::function<void(store::Progress)> on_progress)
{
    return do_resolve_all(std::move(model), ProgressRelay::to(std::move(caller), std::move(on_progress)));
}

asio::awaitable<void> Model::do_resolve_all(Model model, store::ProgressFunction progress)
{
    using namespace asio::experimental::awaitable_operators;
    const auto all = model.artifacts();
    const auto total = progress ? std::make_shared<TotalProgress>(all, std::move(progress)) : nullptr;
    co_await (fetch_some(all, 0, total) && fetch_some(all, 1, total) && fetch_some(all, 2, total) &&
              fetch_some(all, 3, total));
}

} // namespace furiosa::model
