#pragma once

#include <furiosa/device/detail/operation.hpp>
#include <furiosa/device/queue_limits.hpp>

#include <cstdint>
#include <utility>

namespace furiosa::device::detail {

/// Operations in the order they came: an intrusive list.
class OperationList
{
public:
    bool empty() const noexcept { return first_ == nullptr; }
    Operation* first() const noexcept { return first_; }

    void push_back(Operation& operation) noexcept
    {
        operation.previous_queued = last_;
        operation.next_queued = nullptr;
        (last_ ? last_->next_queued : first_) = &operation;
        last_ = &operation;
    }

    /// Where its number puts it, which is near the front.
    void put_back(Operation& operation) noexcept
    {
        Operation* next = first_;
        while (next && next->number < operation.number)
            next = next->next_queued;
        if (!next)
            return push_back(operation);
        operation.next_queued = next;
        operation.previous_queued = std::exchange(next->previous_queued, &operation);
        (operation.previous_queued ? operation.previous_queued->next_queued : first_) = &operation;
    }

    Operation& pop_front() noexcept
    {
        Operation& operation = *first_;
        remove(operation);
        return operation;
    }

    void remove(Operation& operation) noexcept
    {
        (operation.previous_queued ? operation.previous_queued->next_queued : first_) = operation.next_queued;
        (operation.next_queued ? operation.next_queued->previous_queued : last_) = operation.previous_queued;
        operation.next_queued = operation.previous_queued = nullptr;
    }

private:
    Operation* first_ = nullptr;
    Operation* last_ = nullptr;
};

/// What one DeviceQueue has with its device. Guarded by the mutex of the Device.
struct Lane
{
    explicit Lane(const QueueLimits& limits) noexcept
        : most_places(or_any(limits.places)), most_running(or_any(limits.running)), most_results(or_any(limits.results))
    {
    }

    bool has_place() const noexcept { return places < most_places; }
    bool limits_places() const noexcept { return most_places != SIZE_MAX; }
    bool limits_results() const noexcept { return most_results != SIZE_MAX; }
    bool may_start() const noexcept
    {
        return !queued.empty() && running_count < most_running && results < most_results;
    }

    OperationList outside; // no place in the queue yet
    OperationList queued;
    OperationList running;
    std::exception_ptr closed; // why, or null while it is open
    bool removed = false;      // its queue is gone
    std::uint64_t taken_in = 0; // so far
    std::size_t places = 0; // that are taken
    std::size_t running_count = 0;
    std::size_t results = 0; // started, and the handler not called; counted only under a limit
    const std::size_t most_places;
    const std::size_t most_running;
    const std::size_t most_results;

private:
    static std::size_t or_any(std::size_t limit) noexcept { return limit ? limit : SIZE_MAX; }
};

} // namespace furiosa::device::detail
