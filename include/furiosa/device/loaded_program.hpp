#pragma once

#include <furiosa/device/detail/loaded.hpp>

#include <memory>
#include <string>
#include <vector>

namespace furiosa::device {

/// A program that a device holds: what `DeviceQueue::async_load` gives and `async_submit` takes. Cheap to copy; it
/// stays loaded while a copy or a run of it lives.
class LoadedProgram
{
public:
    LoadedProgram() = default;
    explicit operator bool() const noexcept { return loaded_ != nullptr; }

    /// What its runs take and give.
    const std::vector<TensorDesc>& inputs() const noexcept { return loaded_->inputs; }
    const std::vector<TensorDesc>& outputs() const noexcept { return loaded_->outputs; }

    /// The names of those members of the device that gave it up, so far.
    std::vector<std::string> lost_members() const;

    /// Nobody waits for the runs of any copy any more: a device that can ends them at once.
    void abandon() const noexcept;

private:
    friend class DeviceQueue;

    explicit LoadedProgram(std::shared_ptr<const detail::Loaded> loaded) noexcept : loaded_(std::move(loaded)) {}

    std::shared_ptr<const detail::Loaded> loaded_;
};

} // namespace furiosa::device
