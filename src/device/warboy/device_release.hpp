#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace furiosa::device::warboy {

/// How far a driver's sessions have given their device up, since the runtime ended them or nobody waits for them any more:
/// the runtime keeps it from others until they are destroyed. Thread-safe.
class DeviceRelease
{
public:
    /// The runtime has a session.
    void session_made()
    {
        std::lock_guard lock(mutex_);
        ++sessions_;
    }
    /// A session gives the device up.
    void begin()
    {
        std::lock_guard lock(mutex_);
        begun_ = Clock::now();
        ++leaving_;
    }
    /// The runtime has destroyed a session, which had given the device up or not.
    void session_destroyed(bool left)
    {
        std::lock_guard lock(mutex_);
        --sessions_;
        if (left)
            --leaving_;
        changed_.notify_all();
    }

    /// Whether the device was given up, and no session is left.
    bool is_done() const
    {
        std::lock_guard lock(mutex_);
        return begun_ != Clock::time_point() && sessions_ == 0;
    }
    /// Whether no session is there that gave it up.
    bool nobody_is_leaving() const
    {
        std::lock_guard lock(mutex_);
        return leaving_ == 0;
    }
    /// Blocks until that is so, but no longer than for some seconds after the last one gave it up: a runtime that has lost
    /// its device may never let go of it.
    void wait() const
    {
        constexpr std::chrono::seconds most(10);
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, begun_ + most, [this] { return leaving_ == 0; });
    }

private:
    using Clock = std::chrono::steady_clock;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::size_t sessions_ = 0;
    std::size_t leaving_ = 0; // of them
    Clock::time_point begun_{};
};

} // namespace furiosa::device::warboy
