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
    using Clock = std::chrono::steady_clock;

    /// A session gives it up.
    void begin()
    {
        std::lock_guard lock(mutex_);
        begun_ = true;
        ++keeping_;
    }
    /// It is destroyed.
    void end()
    {
        std::lock_guard lock(mutex_);
        --keeping_;
        changed_.notify_all();
    }

    /// Whether all that was begun has ended, and there was something.
    bool is_done() const
    {
        std::lock_guard lock(mutex_);
        return begun_ && keeping_ == 0;
    }
    /// Blocks until all that was begun has ended, or the time has come. Whether it has ended.
    bool wait_until(Clock::time_point time) const
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_until(lock, time, [this] { return keeping_ == 0; });
    }

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::size_t keeping_ = 0;
    bool begun_ = false;
};

} // namespace furiosa::device::warboy
