#include <furiosa/device/device.hpp>

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <climits>

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

std::vector<Device::Member> one_member(const std::string& name, std::unique_ptr<Driver> driver)
{
    std::vector<Device::Member> members;
    members.emplace_back(name, std::move(driver));
    return members;
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
    : Device(context, name, one_member(name, std::move(driver)))
{
}

Device::Device(Context& context, std::string name, std::vector<Member> members)
    : context_(context), name_(std::move(name)), members_(std::move(members))
{
    for (const auto& member : members_)
        capacity_ += member.capacity;
    cancelled();
    queue_closed();
}

Device::~Device() = default;

std::size_t Device::element_count() const noexcept
{
    std::size_t count = 0;
    for (const auto& member : members_)
        count += member.driver->element_count();
    return count;
}

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
    operation.number = ++operation.lane->taken_in;
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

/// The lower, the better: a member that gave the program up can only say so, and one of the card that a run was lost with
/// may be the next to go.
unsigned Device::preference(std::size_t member, const Operation& operation) const noexcept
{
    if (operation.loaded->executables[member]->is_lost())
        return 2;
    return operation.given_again && members_[member].card == members_[operation.member].card ? 1 : 0;
}

/// The least loaded of the best; none if these have no room, and the run has to wait.
std::optional<std::size_t> Device::member_for(const Operation& operation) const noexcept
{
    std::optional<std::size_t> best;
    unsigned lowest = UINT_MAX;
    for (std::size_t i = 0; i != members_.size(); ++i) {
        const auto& member = members_[i];
        const auto its = preference(i, operation);
        if (its > lowest)
            continue;
        if (its < lowest)
            best.reset();
        lowest = its;
        if (member.running < member.capacity && (!best || member.running < members_[*best].running))
            best = i;
    }
    return best;
}

/// The first that may start, on the member that is for it. Those that are given again may have to wait for another card:
/// whatever comes behind them need not.
detail::Operation* Device::next_to_start(Lane& lane) noexcept
{
    if (!lane.may_start())
        return nullptr;
    for (auto* operation = lane.queued.first(); operation; operation = operation->next_queued) {
        if (const auto member = member_for(*operation)) {
            lane.queued.remove(*operation);
            operation->put_on(*member);
            return operation;
        }
        if (!operation->given_again)
            return nullptr;
    }
    return nullptr;
}

/// The lane that is served goes behind the others; those that have nothing to start are passed over.
detail::Operation* Device::next_to_start() noexcept
{
    for (auto at = lanes_.begin(); at != lanes_.end(); ++at)
        if (auto* const operation = next_to_start(**at)) {
            std::rotate(lanes_.begin(), at + 1, lanes_.end());
            return operation;
        }
    return nullptr;
}

void Device::start_what_fits() noexcept
{
    while (queued_ != 0 && running_ < capacity_) {
        Operation* const next = next_to_start();
        if (!next)
            return; // what waits is kept back by the limits of its queue, or by members without room
        start(*next);
    }
}

void Device::start(Operation& operation) noexcept
{
    Lane& lane = *operation.lane;
    lane.running.push_back(operation);
    ++lane.running_count;
    if (lane.limits_results()) {
        ++lane.results;
        operation.counts_as_result = true;
    }
    operation.state = Operation::State::running;
    --queued_;
    ++running_;
    Member& member = members_[operation.member];
    ++member.running;
    member.driver->start(operation);
}

void Device::stopped(Operation& operation) noexcept
{
    operation.lane->running.remove(operation);
    --operation.lane->running_count;
    --running_;
    --members_[operation.member].running;
}

bool Device::may_run_elsewhere(const Operation& operation) const noexcept
{
    if (operation.abandoned || operation.given_again || !operation.executable().is_lost())
        return false;
    return std::ranges::any_of(operation.loaded->executables, [](const auto& other) { return !other->is_lost(); });
}

void Device::give_again(Operation& operation) noexcept
{
    operation.given_again = true;
    if (std::exchange(operation.counts_as_result, false))
        --operation.lane->results;
    operation.state = Operation::State::queued;
    operation.lane->queued.put_back(operation);
    ++queued_;
    start_what_fits();
}

void Device::completed(Operation& operation, std::exception_ptr failure) noexcept
{
    std::lock_guard lock(mutex_);
    stopped(operation);
    if (failure && may_run_elsewhere(operation))
        return give_again(operation);
    leave(operation);
    forget_if_done(*operation.lane);
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

void Device::remove_lane(Lane& lane) noexcept
{
    std::lock_guard lock(mutex_);
    lane.removed = true;
    forget_if_done(lane);
}

/// What runs of a queue that is gone can still be asked to end.
void Device::forget_if_done(const Lane& lane) noexcept
{
    if (lane.removed && lane.running.empty())
        std::erase_if(lanes_, [&](const auto& other) { return other.get() == &lane; });
}

void Device::close() noexcept
{
    std::lock_guard lock(mutex_);
    closed_ = queue_closed();
    for (const auto& lane : lanes_) {
        if (!std::exchange(lane->closed, closed_))
            abandon(*lane, closed_);
        for (auto* running = lane->running.first(); running; running = running->next_queued)
            running->executable().abandon();
    }
}

} // namespace furiosa::device
