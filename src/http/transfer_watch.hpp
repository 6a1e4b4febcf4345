#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace furiosa::http {

/// Tells, without a timer of its own, when a transfer has been silent or slow for too long, or is too late.
class TransferWatch
{
public:
    using Clock = std::chrono::steady_clock;

    struct Limits
    {
        /// The peer must show life in every such time. Zero: for ever.
        Clock::duration idle{};
        /// Bytes a second, averaged over `rate_window`. Zero: any.
        std::uint64_t min_rate = 0;
        Clock::duration rate_window{};
        std::optional<Clock::time_point> deadline;
    };
    enum class Verdict
    {
        fine,
        idle,
        slow,
        late
    };

    void begin(const Limits& limits, Clock::time_point now)
    {
        limits_ = limits;
        paused_since_.reset();
        last_life_ = window_start_ = now;
        window_bytes_ = 0;
    }

    /// Time that our own side takes does not count against the peer.
    void pause(Clock::time_point now)
    {
        if (!paused_since_)
            paused_since_ = now;
    }
    void resume(Clock::time_point now)
    {
        if (!paused_since_)
            return;
        const auto away = now - *paused_since_;
        last_life_ += away;
        window_start_ += away;
        paused_since_.reset();
    }

    void progress(std::uint64_t bytes, Clock::time_point now)
    {
        last_life_ = now;
        window_bytes_ += bytes;
    }

    Verdict judge(Clock::time_point now)
    {
        if (limits_.deadline && now >= *limits_.deadline)
            return Verdict::late;
        if (paused_since_)
            return Verdict::fine;
        if (limits_.idle != Clock::duration::zero() && now >= last_life_ + limits_.idle)
            return Verdict::idle;
        if (limits_.min_rate != 0 && now >= window_start_ + limits_.rate_window) {
            const auto seconds = std::chrono::duration<double>(now - window_start_).count();
            if (static_cast<double>(window_bytes_) < static_cast<double>(limits_.min_rate) * seconds)
                return Verdict::slow;
            window_start_ = now;
            window_bytes_ = 0;
        }
        return Verdict::fine;
    }

    /// The next verdict can be another one from then on.
    Clock::time_point next_judgement(Clock::time_point now) const
    {
        auto next = limits_.deadline.value_or(Clock::time_point::max());
        const auto at = [&](Clock::time_point from, Clock::duration time) {
            next = std::min(next, (paused_since_ ? now : from) + time);
        };
        if (limits_.idle != Clock::duration::zero())
            at(last_life_, limits_.idle);
        if (limits_.min_rate != 0)
            at(window_start_, limits_.rate_window);
        return next;
    }

private:
    Limits limits_;
    Clock::time_point last_life_;
    Clock::time_point window_start_;
    std::uint64_t window_bytes_ = 0;
    std::optional<Clock::time_point> paused_since_;
};

} // namespace furiosa::http
