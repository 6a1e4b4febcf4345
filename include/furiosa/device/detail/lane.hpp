#pragma once

#include <furiosa/device/detail/operation.hpp>

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
    OperationList queued;
    OperationList running;
    std::exception_ptr closed; // why, or null while it is open
};

} // namespace furiosa::device::detail
