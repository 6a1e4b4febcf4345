#pragma once

#include <furiosa/core/tensor_desc.hpp>
#include <furiosa/device/driver.hpp>

#include <memory>
#include <vector>

namespace furiosa::device {

class Device;

namespace detail {

/// A program on each member of a device.
struct Loaded
{
    std::shared_ptr<Device> device; // destroyed after the executables
    std::vector<std::unique_ptr<Executable>> executables; // in the order of the members
    std::vector<TensorDesc> inputs;
    std::vector<TensorDesc> outputs;
};

} // namespace detail
} // namespace furiosa::device
