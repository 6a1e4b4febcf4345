#include <furiosa/device/devices.hpp>

#ifdef FURIOSA_WITH_CPU
#include "device/cpu/cpu_driver.hpp"
#endif

#include "device/warboy/warboy_driver.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/device/npu/choose.hpp>

namespace furiosa::device {

namespace {

std::unique_ptr<Driver> make_cpu_driver(const DeviceConfig& config)
{
#ifdef FURIOSA_WITH_CPU
    return std::make_unique<cpu::CpuDriver>(cpu::elements_of(config, cpu::usable_processors()));
#else
    throw_error(errc::not_supported, "device '{}': this library was built without the CPU device (FURIOSA_WITH_CPU)",
                to_string(config));
#endif
}

std::unique_ptr<Driver> make_npu_driver(Context& context, const DeviceConfig& config, const npu::Roots& roots,
                                        const std::string& library)
{
    const auto files = npu::choose(config, npu::discover(roots));
    return std::make_unique<warboy::WarboyDriver>(
        context, warboy::NuxLibrary::open(library.empty() ? warboy::default_nux_library() : library), files);
}

bool is_no_such_device(const Error& error)
{
    return error.code() == errc::device_not_found || error.code() == errc::device_busy ||
           error.code() == errc::not_supported;
}

} // namespace

std::shared_ptr<Device> Devices::open(const DeviceConfig& config)
{
    std::lock_guard lock(mutex_);
    return open_one(config);
}

/// Under the mutex.
std::shared_ptr<Device> Devices::open_one(const DeviceConfig& config)
{
    const auto name = to_string(config);
    if (const auto found = open_.find(name); found != open_.end())
        return found->second;
    auto device = config.is_automatic() ? open_automatic(config)
                                        : std::make_shared<Device>(context_, name, make_driver(config));
    return open_.emplace(name, std::move(device)).first->second;
}

/// One element of an NPU, unless more are asked for; else all processors of the CPU.
std::shared_ptr<Device> Devices::open_automatic(const DeviceConfig& config)
{
    try {
        return open_one(config.with_family(DeviceFamily::npu).with_open_count(1));
    } catch (const Error& error) {
        if (!is_no_such_device(error))
            throw;
    }
    return open_one(config.with_family(DeviceFamily::cpu));
}

std::unique_ptr<Driver> Devices::make_driver(const DeviceConfig& config) const
{
    return config.is_cpu() ? make_cpu_driver(config) : make_npu_driver(context_, config, roots_, nux_library_);
}

void Devices::shutdown() noexcept
{
    std::lock_guard lock(mutex_);
    for (const auto& [name, device] : open_)
        device->close();
}

} // namespace furiosa::device
