#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace furiosa::device::warboy {

/// What sessions of the runtime say of their device when the runtime ends them by itself. Thread-safe.
class DeviceLoss
{
public:
    /// Whether that has happened.
    bool is_lost() const
    {
        std::lock_guard lock(mutex_);
        return lost_;
    }

    /// A session was ended. Until it is destroyed, the runtime may keep the device from others.
    void begin()
    {
        std::lock_guard lock(mutex_);
        lost_ = true;
        ++kept_;
    }
    /// It is destroyed.
    void end()
    {
        std::lock_guard lock(mutex_);
        --kept_;
        changed_.notify_all();
    }
    /// Blocks until all are, or the time is over.
    void wait_for_end(std::chrono::milliseconds time) const
    {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, time, [this] { return kept_ == 0; });
    }

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::size_t kept_ = 0;
    bool lost_ = false;
};

} // namespace furiosa::device::warboy
