#include <furiosa/device/devices.hpp>

#include "device/cpu/cpu_driver.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <thread>

namespace furiosa::device {

namespace {

/// More than any machine has processors, and few enough to be made.
[[maybe_unused]] constexpr unsigned max_threads = 1024;

std::unique_ptr<Driver> make_driver(const DeviceConfig& config)
{
    const auto& request = config.request();
    if (request.family != DeviceFamily::cpu)
        throw_error(errc::device_not_found,
                    "device '{}': no NPU was found on this machine. The CPU runs the same models: name 'cpu', or leave "
                    "FURIOSA_DEVICES empty",
                    to_string(config));
#ifdef FURIOSA_WITH_CPU
    const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
    const unsigned count = request.count ? request.count : processors;
    if (request.fused * count > max_threads)
        throw_error(errc::invalid_device_config, "device '{}' would have {} threads: ask for at most {}",
                    to_string(config), request.fused * count, max_threads);
    return std::make_unique<cpu::CpuDriver>(request.fused, count);
#else
    throw_error(errc::not_supported, "device '{}': this library was built without the CPU device (FURIOSA_WITH_CPU)",
                to_string(config));
#endif
}

} // namespace

std::shared_ptr<Device> Devices::open(const DeviceConfig& config)
{
    const auto name = to_string(config);
    std::lock_guard lock(mutex_);
    if (const auto found = open_.find(name); found != open_.end())
        return found->second;
    return open_.emplace(name, std::make_shared<Device>(context_, name, make_driver(config))).first->second;
}

void Devices::shutdown() noexcept
{
    std::lock_guard lock(mutex_);
    for (const auto& [name, device] : open_)
        device->close();
}

} // namespace furiosa::device
