#pragma once

#include <furiosa/device/driver.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace furiosa::device {

class Device;

/// A program that a device holds: what `DeviceQueue::async_load` gives and `async_submit` takes. Cheap to copy; it
/// stays loaded while a copy or a run of it lives.
class LoadedProgram
{
public:
    LoadedProgram() = default;
    explicit operator bool() const noexcept { return state_ != nullptr; }

    /// What its runs take and give.
    const std::vector<TensorDesc>& inputs() const noexcept { return state_->inputs; }
    const std::vector<TensorDesc>& outputs() const noexcept { return state_->outputs; }

private:
    friend class DeviceQueue;

    struct State
    {
        std::shared_ptr<Device> device; // destroyed after the executable
        std::unique_ptr<Executable> executable;
        std::vector<TensorDesc> inputs;
        std::vector<TensorDesc> outputs;
    };

    explicit LoadedProgram(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

    std::shared_ptr<State> state_;
};

} // namespace furiosa::device
