#include "nux/library/gate.hpp"

#include "nux/library/code.hpp"

#include <algorithm>
#include <utility>

namespace furiosa::test::nux {

namespace {

Gate::Clock::duration bounded(unsigned long long microseconds)
{
    constexpr unsigned long long hour = 3'600'000'000;
    return std::chrono::microseconds(std::min(microseconds, hour));
}

bool overlap(const Elements& a, const Elements& b)
{
    return std::ranges::any_of(a, [&](const Element& element) { return b.contains(element); });
}

} // namespace

Gate& Gate::instance()
{
    static Gate& gate = *new Gate; // sessions that somebody forgot still use it when the process ends
    return gate;
}

int Gate::pass(const Elements& elements, const std::atomic<bool>& ended)
{
    std::unique_lock lock(mutex_);
    ++started_;
    ++started_on_[elements];
    const auto run = waiting_.insert(waiting_.end(), Clock::now() + latency_of(elements));
    changed_.notify_all();
    while (!ended && !may_leave(run)) {
        if (const auto due = *run; Clock::now() < due)
            changed_.wait_until(lock, due);
        else
            changed_.wait(lock);
    }
    waiting_.erase(run);
    changed_.notify_all(); // another one is the oldest now
    if (ended)
        return session_terminated;
    if (holding_)
        --released_;
    return std::exchange(next_failure_, success);
}

bool Gate::may_leave(Waiting::const_iterator run) const
{
    const bool let = !holding_ || (released_ != 0 && run == waiting_.begin());
    return let && Clock::now() >= *run;
}

void Gate::end(std::atomic<bool>& ended)
{
    std::lock_guard lock(mutex_);
    ended = true;
    changed_.notify_all();
}

Gate::Clock::duration Gate::latency_of(const Elements& elements) const
{
    for (auto i = device_latencies_.rbegin(); i != device_latencies_.rend(); ++i)
        if (overlap(i->first, elements))
            return i->second;
    return latency_;
}

void Gate::set_latency(unsigned long long microseconds)
{
    std::lock_guard lock(mutex_);
    latency_ = bounded(microseconds);
}

void Gate::set_latency(Elements elements, unsigned long long microseconds)
{
    std::lock_guard lock(mutex_);
    device_latencies_.emplace_back(std::move(elements), bounded(microseconds));
}

void Gate::hold()
{
    std::lock_guard lock(mutex_);
    holding_ = true;
}

void Gate::release(std::size_t count)
{
    std::lock_guard lock(mutex_);
    released_ += count;
    changed_.notify_all();
}

void Gate::let_go()
{
    std::lock_guard lock(mutex_);
    open();
}

void Gate::hold_destruction()
{
    std::lock_guard lock(mutex_);
    holding_destruction_ = true;
}

void Gate::pass_to_destruction()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !holding_destruction_; });
}

void Gate::open()
{
    holding_ = holding_destruction_ = false;
    released_ = 0;
    changed_.notify_all();
}

void Gate::fail_next(int code)
{
    std::lock_guard lock(mutex_);
    next_failure_ = code;
}

void Gate::reset()
{
    std::lock_guard lock(mutex_);
    latency_ = {};
    device_latencies_.clear();
    next_failure_ = success;
    started_ = 0;
    started_on_.clear();
    open();
}

std::size_t Gate::started() const
{
    std::lock_guard lock(mutex_);
    return started_;
}

std::size_t Gate::started(const Elements& elements) const
{
    std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& [others, started] : started_on_)
        count += overlap(others, elements) ? started : 0;
    return count;
}

void Gate::wait_for_started(std::size_t count) const
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return started_ >= count; });
}

} // namespace furiosa::test::nux
