#pragma once

#include "nux/library/counted.hpp"
#include "nux/library/tensor_array.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

namespace furiosa::test::nux {

/// A run that has ended.
struct Completion
{
    void* context = nullptr;
    int code = 0;
    std::shared_ptr<TensorArray> outputs; ///< null if it failed
};

/// Between the workers of a session, which push, and who waits for what they did.
class CompletionQueue : Counted<CompletionQueue>
{
public:
    using Clock = std::chrono::steady_clock;

    explicit CompletionQueue(std::size_t limit) noexcept : limit_(limit) {}

    using Counted<CompletionQueue>::alive;

    /// Blocks while it is full.
    void push(Completion completion);
    /// The session ends: from now on `push` does not block.
    void lift_limit();
    /// Nothing more comes.
    void finish();
    /// Nobody asks any more: what is there and what comes is thrown away.
    void abandon();

    /// Nothing when the queue has ended, or at the deadline.
    std::optional<Completion> next(std::optional<Clock::time_point> deadline = {});
    /// Whether nothing will ever come.
    bool has_ended() const;

private:
    const std::size_t limit_;
    mutable std::mutex mutex_;
    std::condition_variable filled_;
    std::condition_variable room_;
    std::deque<Completion> completions_;
    bool limited_ = true;
    bool finished_ = false;
    bool abandoned_ = false;
};

} // namespace furiosa::test::nux
