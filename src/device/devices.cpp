#include <furiosa/device/devices.hpp>

#ifdef FURIOSA_WITH_CPU
#include "device/cpu/cpu_driver.hpp"
#endif

#include "device/warboy/warboy_driver.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/device/npu/choose.hpp>

#include <algorithm>
#include <iterator>
#include <span>

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

void occupy(std::span<npu::Card> cards, const NamedDevice& used)
{
    for (auto& card : cards)
        for (auto& file : card.files)
            if (file.state == npu::FileState::free && overlap(file.device, used))
                file.state = npu::FileState::occupied;
}

void require_one_target(const DeviceConfig& config, std::span<const npu::DeviceFile> files)
{
    for (const auto& file : files) {
        if (file.target.empty())
            throw_error(errc::not_supported, "device '{}': of the NPUs, this library works with Warboys, and {} is none",
                        to_string(config), to_string(file.device));
        if (file.target != files.front().target)
            throw_error(errc::not_supported,
                        "device '{}': {} takes programs for {}, and {} for {}: create a session on each, or name devices "
                        "of one kind",
                        to_string(config), to_string(files.front().device), files.front().target,
                        to_string(file.device), file.target);
    }
}

bool is_no_such_device(const Error& error)
{
    return error.code() == errc::device_not_found || error.code() == errc::device_busy ||
           error.code() == errc::not_supported;
}

} // namespace

std::shared_ptr<Device> Devices::open(const DeviceConfig& config)
{
    if (config.is_automatic())
        return open_automatic(config);
    return config.is_cpu() ? open_cpu(config) : open_npu(config);
}

/// One element of a Warboy, unless more are asked for; else all processors of the CPU.
std::shared_ptr<Device> Devices::open_automatic(const DeviceConfig& config)
{
    try {
        return open_npu(config.with_family(DeviceFamily::warboy).with_open_count(1));
    } catch (const Error& error) {
        if (!is_no_such_device(error))
            throw;
    }
    return open_cpu(config.with_family(DeviceFamily::cpu));
}

std::shared_ptr<Device> Devices::open_cpu(const DeviceConfig& config)
{
    const auto name = to_string(config);
    std::lock_guard lock(mutex_);
    if (const auto found = cpus_.find(name); found != cpus_.end())
        return found->second;
    auto driver = context_.run_in_front([&] { return make_cpu_driver(config); }); // its threads answer
    auto device = std::make_shared<Device>(context_, name, std::move(driver));
    if (shut_down_)
        device->close();
    return cpus_.emplace(name, std::move(device)).first->second;
}

/// A session of the runtime has its device for itself.
std::shared_ptr<Device> Devices::open_npu(const DeviceConfig& config)
{
    std::lock_guard one_at_a_time(opening_npu_);
    wait_for_releases();
    forget_unused_npus();
    const auto files = npu::choose(config, cards_to_choose_from());
    require_one_target(config, files);
    const auto library = warboy::NuxLibrary::open(nux_library_.empty() ? warboy::default_nux_library() : nux_library_);
    OpenNpu npu;
    std::vector<Device::Member> members; // each of which works, and may be lost, by itself
    for (const auto& file : files) {
        auto driver = context_.run_in_front([&] { return std::make_unique<warboy::WarboyDriver>(library, file); });
        npu.drivers.push_back(driver.get());
        members.emplace_back(to_string(file.device), std::move(driver), file.device.card);
    }
    npu.device = std::make_shared<Device>(context_, to_string(config), std::move(members));
    std::lock_guard lock(mutex_);
    if (shut_down_)
        npu.device->close();
    return npus_.emplace_back(std::move(npu)).device;
}

/// Of the devices that the runtime ended, or that sessions have closed.
void Devices::wait_for_releases() const
{
    for (const auto& npu : npus_)
        for (const auto* driver : npu.drivers)
            driver->release().wait();
}

/// Waits until their last session has ended.
void Devices::forget_unused_npus()
{
    std::vector<OpenNpu> unused; // destroyed without the mutex
    std::lock_guard lock(mutex_);
    unused.reserve(npus_.size()); // before any is moved
    const auto is_used = [](const OpenNpu& npu) {
        const auto is_kept = [](const auto* driver) { return !driver->release().nobody_is_leaving(); };
        return npu.device.use_count() != 1 || std::ranges::any_of(npu.drivers, is_kept);
    };
    const auto first = std::ranges::partition(npus_, is_used).begin();
    std::move(first, npus_.end(), std::back_inserter(unused));
    npus_.erase(first, npus_.end());
}

/// What this process works with is occupied, whether the runtime has its file open or not.
std::vector<npu::Card> Devices::cards_to_choose_from() const
{
    std::vector<NamedDevice> used;
    for (const auto& npu : npus_)
        for (const auto* driver : npu.drivers)
            if (!driver->release().is_done())
                used.push_back(driver->file().device);
    auto cards = npu::discover(roots_);
    for (const auto& device : used)
        occupy(cards, device);
    return cards;
}

void Devices::shutdown() noexcept
{
    std::lock_guard lock(mutex_);
    shut_down_ = true; // what is being opened is closed, too
    for (const auto& [name, device] : cpus_)
        device->close();
    for (const auto& npu : npus_)
        npu.device->close();
}

} // namespace furiosa::device
