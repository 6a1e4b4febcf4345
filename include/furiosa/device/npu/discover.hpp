#pragma once

#include <furiosa/device/npu/card.hpp>

#include <filesystem>
#include <functional>
#include <system_error>
#include <vector>

namespace furiosa::device::npu {

/// Opens a device file for reading and writing, and closes it: device_or_resource_busy when somebody has it, no error
/// when it is free. Never waits, and opens nothing that is not a character device.
std::error_code probe(const std::filesystem::path& file);

/// Where NPUs are looked for.
struct Roots
{
    // Not an aggregate: g++ 12 destroys one twice that is made with braces in the arguments of a co_await.
    Roots() = default;
    Roots(std::filesystem::path devfs, std::filesystem::path sysfs) : dev(std::move(devfs)), sys(std::move(sysfs)) {}

    std::filesystem::path dev = "/dev";
    std::filesystem::path sys = "/sys";
    /// How to find out whether a device file is free.
    std::function<std::error_code(const std::filesystem::path&)> probe = npu::probe;
};

/// The NPUs of this machine, in the order of their numbers. To find out which are free, their files are opened for a
/// moment: whoever opens one in that moment takes it for occupied, but discover() itself in this process.
/// Reads files, so for a worker. What is missing, or makes no sense, leaves its field empty. Thread-safe.
std::vector<Card> discover(const Roots& roots = {});

} // namespace furiosa::device::npu
