#pragma once

#include <cstddef>

namespace furiosa::device {

/// What one DeviceQueue may have at once. 0 sets no limit; whatever is beyond one waits, first come, first served.
struct QueueLimits
{
    QueueLimits() = default;

    /// Runs that are in the queue: they wait, or the device works on them. Whoever is to take memory for a run first
    /// asks for a place, with DeviceQueue::reserve.
    std::size_t places = 0;
    /// Runs that the device works on, or keeps ready for the next free element.
    std::size_t running = 0;
    /// Runs that were started and whose handler was not called yet: a loop that does not keep up stops the device.
    std::size_t results = 0;
};

} // namespace furiosa::device
