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

void detail::taken(Operation& operation) noexcept
{
    operation.device->taken(operation);
}

void detail::dropped(Operation& operation) noexcept
{
    operation.device->dropped(operation);
}

Device::Device(Context& context, std::string name, std::unique_ptr<Driver> driver)
    : context_(context), name_(std::move(name)), driver_(std::move(driver))
{
    cancelled();
    queue_closed();
}

Device::~Device() = default;

std::shared_ptr<detail::Lane> Device::open_lane(const QueueLimits& limits)
{
    auto lane = std::make_shared<Lane>(limits);
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
    if (operation.has_place) {
        enqueue(operation);
    } else {
        operation.lane->outside.push_back(operation);
        let_in(*operation.lane);
    }
    start_what_fits();
}

void Device::enqueue(Operation& operation) noexcept
{
    operation.state = Operation::State::queued;
    operation.lane->queued.push_back(operation);
    ++queued_;
}

/// Those that wait outside take the places that are free.
void Device::let_in(Lane& lane) noexcept
{
    while (lane.has_place() && !lane.outside.empty()) {
        Operation& operation = lane.outside.pop_front();
        ++lane.places;
        if (operation.is_reservation)
            finish(operation, nullptr);
        else
            enqueue(operation);
    }
}

/// What was queued, or ran, makes room for the next, unless its place is reserved for longer.
void Device::leave(Operation& operation) noexcept
{
    if (operation.has_place)
        return;
    --operation.lane->places;
    let_in(*operation.lane);
}

void Device::give_place_back(Lane& lane) noexcept
{
    std::lock_guard lock(mutex_);
    --lane.places;
    let_in(lane);
    start_what_fits();
}

void Device::taken(Operation& operation) noexcept
{
    std::lock_guard lock(mutex_);
    --operation.lane->results;
    start_what_fits();
}

void Device::dropped(Operation& operation) noexcept
{
    if (operation.counts_as_result)
        taken(operation);
    if (operation.is_reservation && !operation.failure)
        give_place_back(*operation.lane);
}

void Device::reject(Operation& operation, std::exception_ptr reason) noexcept
{
    std::lock_guard lock(mutex_);
    finish(operation, std::move(reason));
}

/// The lane that is served goes behind the others; those that have nothing to start are passed over.
detail::Lane* Device::next_lane() noexcept
{
    for (std::size_t i = 0; i != lanes_.size(); ++i) {
        Lane& lane = *lanes_.front();
        if (lanes_.size() > 1)
            std::ranges::rotate(lanes_, lanes_.begin() + 1);
        if (lane.may_start())
            return &lane;
    }
    return nullptr;
}

void Device::start_what_fits() noexcept
{
    const auto capacity = driver_->capacity();
    while (queued_ != 0 && running_ < capacity) {
        Lane* const next = next_lane();
        if (!next)
            return; // what waits is kept back by the limits of its queue
        Lane& lane = *next;
        Operation& operation = lane.queued.pop_front();
        lane.running.push_back(operation);
        ++lane.running_count;
        if (lane.limits_results()) {
            ++lane.results;
            operation.counts_as_result = true;
        }
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
    --operation.lane->running_count;
    --running_;
    leave(operation);
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
    case Operation::State::outside:
        operation.lane->outside.remove(operation);
        finish(operation, cancelled());
        break;
    case Operation::State::queued:
        operation.lane->queued.remove(operation);
        --queued_;
        leave(operation);
        finish(operation, cancelled());
        start_what_fits();
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
    while (!lane.outside.empty())
        finish(lane.outside.pop_front(), reason);
    while (!lane.queued.empty()) {
        Operation& operation = lane.queued.pop_front();
        --queued_;
        leave(operation);
        finish(operation, reason);
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
