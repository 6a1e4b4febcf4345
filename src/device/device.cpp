#include <furiosa/device/device.hpp>

#include <furiosa/core/error.hpp>

#include <algorithm>

namespace furiosa::device {

namespace {

/// Made once: cancelling must not fail for want of memory.
const std::exception_ptr& cancelled()
{
    static const auto exception = std::make_exception_ptr(
        Error(errc::cancelled, "the run was cancelled before the device had answered"));
    return exception;
}

const std::exception_ptr& queue_closed()
{
    static const auto exception =
        std::make_exception_ptr(Error(errc::queue_closed, "the device queue was closed before the run was done"));
    return exception;
}

} // namespace

void Run::complete(std::exception_ptr failure) noexcept
{
    auto& operation = static_cast<detail::Operation&>(*this);
    // No reference is taken: the last one, dropped here, would destroy the driver from its own thread. The driver's
    // destructor waits for this call instead.
    operation.device.get()->completed(operation, std::move(failure));
}

void detail::cancel(Operation& operation) noexcept
{
    const auto device = operation.device;
    device->cancel(operation);
}

Device::Device(Context& context, std::string name, std::unique_ptr<Driver> driver)
    : context_(context), name_(std::move(name)), driver_(std::move(driver))
{
    cancelled();
    queue_closed();
}

Device::~Device() = default;

std::shared_ptr<detail::Lane> Device::open_lane()
{
    auto lane = std::make_shared<Lane>();
    std::lock_guard lock(mutex_);
    lane->closed = closed_;
    lanes_.push_back(lane);
    return lane;
}

void Device::submit(Operation& operation) noexcept
{
    std::lock_guard lock(mutex_);
    if (operation.lane->closed) {
        finish(operation, operation.lane->closed);
        return;
    }
    operation.lane->queued.push_back(operation);
    ++queued_;
    start_what_fits();
}

void Device::reject(Operation& operation, std::exception_ptr reason) noexcept
{
    std::lock_guard lock(mutex_);
    finish(operation, std::move(reason));
}

void Device::start_what_fits() noexcept
{
    const auto capacity = driver_->capacity();
    while (queued_ != 0 && running_ < capacity) {
        // The lane that was served goes behind the others; those that have nothing are passed over.
        while (lanes_.front()->queued.empty())
            std::ranges::rotate(lanes_, lanes_.begin() + 1);
        Lane& lane = *lanes_.front();
        Operation& operation = lane.queued.pop_front();
        if (lanes_.size() > 1)
            std::ranges::rotate(lanes_, lanes_.begin() + 1);
        lane.running.push_back(operation);
        operation.state = Operation::State::running;
        --queued_;
        ++running_;
        driver_->start(operation);
    }
}

void Device::completed(Operation& operation, std::exception_ptr failure) noexcept
{
    std::lock_guard lock(mutex_);
    operation.lane->running.remove(operation);
    --running_;
    start_what_fits(); // the device first, the answer after
    if (operation.abandoned)
        failure = operation.failure;
    finish(operation, std::move(failure));
}

void Device::finish(Operation& operation, std::exception_ptr failure) noexcept
{
    operation.failure = std::move(failure);
    operation.state = Operation::State::done;
    operation.post_completion();
}

void Device::cancel(Operation& operation) noexcept
{
    std::lock_guard lock(mutex_);
    switch (operation.state) {
    case Operation::State::queued:
        operation.lane->queued.remove(operation);
        --queued_;
        finish(operation, cancelled());
        break;
    case Operation::State::running:
        if (!std::exchange(operation.abandoned, true))
            operation.failure = cancelled();
        break;
    case Operation::State::done: break;
    }
}

void Device::abandon(Lane& lane, const std::exception_ptr& reason) noexcept
{
    for (auto* running = lane.running.first(); running; running = running->next_queued)
        if (!std::exchange(running->abandoned, true))
            running->failure = reason;
    while (!lane.queued.empty()) {
        --queued_;
        finish(lane.queued.pop_front(), reason);
    }
}

void Device::cancel_all(Lane& lane) noexcept
{
    std::lock_guard lock(mutex_);
    abandon(lane, cancelled());
}

void Device::close_lane(Lane& lane, std::exception_ptr reason) noexcept
{
    std::lock_guard lock(mutex_);
    if (lane.closed)
        return;
    lane.closed = reason ? std::move(reason) : queue_closed();
    abandon(lane, lane.closed);
}

void Device::remove_lane(const Lane& lane) noexcept
{
    std::lock_guard lock(mutex_);
    std::erase_if(lanes_, [&](const auto& other) { return other.get() == &lane; });
}

void Device::close() noexcept
{
    std::lock_guard lock(mutex_);
    closed_ = queue_closed();
    for (const auto& lane : lanes_)
        if (!std::exchange(lane->closed, closed_))
            abandon(*lane, closed_);
}

} // namespace furiosa::device
