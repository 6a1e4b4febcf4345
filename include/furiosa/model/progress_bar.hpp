#pragma once

#include <furiosa/store/store.hpp>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>

namespace furiosa::model {

/// Shows how artifacts come: on a terminal a bar each, with rate and time to go, and one for all of them; elsewhere
/// a line when one has come, and every five seconds.
///
///     ProgressBar bar;
///     options.on_progress = bar.add("ResNet50");
///     auto model = co_await load_model("ResNet50", options);
///
/// Thread safety: `add`, and what it returns, from any thread. What it returns draws at most ten times a second, in
/// some ten microseconds, and may outlive the ProgressBar, which then draws no more.
class ProgressBar
{
public:
    /// Draws on `stream`, which must outlive this.
    explicit ProgressBar(std::FILE* stream = stderr);
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    /// Draws what there is to draw, once more.
    ~ProgressBar();

    /// A listener for one artifact, or for several that are reported as one.
    std::function<void(store::Progress)> add(std::string name);

private:
    struct State;

    std::shared_ptr<State> state_;
};

} // namespace furiosa::model
