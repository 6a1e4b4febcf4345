#pragma once

#include <furiosa/device/device.hpp>

#include <memory>
#include <utility>

namespace furiosa::device {

/// A place in a DeviceQueue with a limit, held until destruction: what `DeviceQueue::reserve` gives and `async_submit`
/// takes. It may outlive the queue, not the Context.
class QueuePlace
{
public:
    /// No place; one of a queue without a limit.
    QueuePlace() = default;
    QueuePlace(QueuePlace&& other) noexcept = default;
    QueuePlace& operator=(QueuePlace&& other) noexcept
    {
        QueuePlace old(std::move(*this));
        device_ = std::move(other.device_);
        lane_ = std::move(other.lane_);
        return *this;
    }
    ~QueuePlace()
    {
        if (lane_)
            device_->give_place_back(*lane_);
    }

    explicit operator bool() const noexcept { return lane_ != nullptr; }

private:
    friend class DeviceQueue;

    QueuePlace(std::shared_ptr<Device> device, std::shared_ptr<detail::Lane> lane) noexcept
        : device_(std::move(device)), lane_(std::move(lane))
    {
    }

    std::shared_ptr<Device> device_;
    std::shared_ptr<detail::Lane> lane_;
};

} // namespace furiosa::device
