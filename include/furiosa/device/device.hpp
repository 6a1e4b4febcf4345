#pragma once

#include <furiosa/core/context.hpp>
#include <furiosa/core/errc.hpp>
#include <furiosa/device/detail/lane.hpp>
#include <furiosa/device/driver.hpp>
#include <furiosa/device/queue_limits.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace furiosa::device {

/// One device that several queues share: takes their operations in turn, one of each, and gives the driver as many
/// at once as it takes.
///
/// Thread safety: all members may be called from any thread.
class Device : public std::enable_shared_from_this<Device>
{
public:
    Device(Context& context, std::string name, std::unique_ptr<Driver> driver);
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    ~Device();

    Context& context() const noexcept { return context_; }
    /// As it was asked for: "cpu(1)*2".
    const std::string& name() const noexcept { return name_; }
    /// What programs must be compiled for.
    std::string target() const { return driver_->target(); }
    Driver& driver() noexcept { return *driver_; }

    /// Fails all that is queued, and all that comes, with errc::queue_closed; what runs completes so when the
    /// driver lets go of it.
    void close() noexcept;

private:
    friend class DeviceQueue;
    friend class QueuePlace;
    friend class Run;
    friend void detail::cancel(detail::Operation&) noexcept;
    friend void detail::taken(detail::Operation&) noexcept;
    friend void detail::dropped(detail::Operation&) noexcept;

    using Lane = detail::Lane;
    using Operation = detail::Operation;

    std::shared_ptr<Lane> open_lane(const QueueLimits& limits);
    void submit(Operation& operation) noexcept;
    void reject(Operation& operation, std::exception_ptr reason) noexcept;
    void cancel(Operation& operation) noexcept;
    void cancel_all(Lane& lane) noexcept;
    void close_lane(Lane& lane, std::exception_ptr reason) noexcept;
    void remove_lane(const Lane& lane) noexcept;
    void completed(Operation& operation, std::exception_ptr failure) noexcept;
    void taken(Operation& operation) noexcept;
    void dropped(Operation& operation) noexcept;
    void give_place_back(Lane& lane) noexcept;

    // Under the mutex:
    void enqueue(Operation& operation) noexcept;
    void let_in(Lane& lane) noexcept;
    void leave(Operation& operation) noexcept;
    Lane* next_lane() noexcept;
    void abandon(Lane& lane, const std::exception_ptr& reason) noexcept;
    void start_what_fits() noexcept;
    void finish(Operation& operation, std::exception_ptr failure) noexcept;

    Context& context_;
    const std::string name_;
    std::unique_ptr<Driver> driver_;
    std::mutex mutex_;
    std::deque<std::shared_ptr<Lane>> lanes_; // the first is served next
    std::size_t queued_ = 0;
    std::size_t running_ = 0;
    std::exception_ptr closed_;
};

} // namespace furiosa::device
