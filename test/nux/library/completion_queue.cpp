#include "nux/library/completion_queue.hpp"

#include <utility>

namespace furiosa::test::nux {

void CompletionQueue::push(Completion completion)
{
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return abandoned_ || !limited_ || completions_.size() < limit_; });
    if (abandoned_)
        return;
    completions_.push_back(std::move(completion));
    filled_.notify_one();
}

void CompletionQueue::lift_limit()
{
    std::lock_guard lock(mutex_);
    limited_ = false;
    room_.notify_all();
}

void CompletionQueue::finish()
{
    std::lock_guard lock(mutex_);
    finished_ = true;
    filled_.notify_all();
}

void CompletionQueue::abandon()
{
    std::deque<Completion> unwanted; // destroyed without the lock
    std::lock_guard lock(mutex_);
    abandoned_ = true;
    unwanted.swap(completions_);
    filled_.notify_all();
    room_.notify_all();
}

std::optional<Completion> CompletionQueue::next(std::optional<Clock::time_point> deadline)
{
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return !completions_.empty() || finished_ || abandoned_; };
    if (!deadline)
        filled_.wait(lock, ready);
    else if (!filled_.wait_until(lock, *deadline, ready))
        return std::nullopt;
    if (completions_.empty())
        return std::nullopt;
    auto completion = std::move(completions_.front());
    completions_.pop_front();
    room_.notify_one();
    return completion;
}

bool CompletionQueue::has_ended() const
{
    std::lock_guard lock(mutex_);
    return completions_.empty() && (finished_ || abandoned_);
}

} // namespace furiosa::test::nux
