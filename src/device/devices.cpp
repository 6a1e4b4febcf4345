#include <furiosa/device/devices.hpp>

#ifdef FURIOSA_WITH_CPU
#include "device/cpu/cpu_driver.hpp"
#endif

#include "device/warboy/warboy_driver.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/device/npu/choose.hpp>

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

/// What this process works with is occupied, whether the runtime has its file open or not.
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
    std::lock_guard lock(mutex_);
    return open_one(config);
}

/// Under the mutex.
std::shared_ptr<Device> Devices::open_one(const DeviceConfig& config)
{
    const auto name = to_string(config);
    if (const auto found = open_.find(name); found != open_.end())
        return found->second;
    if (config.is_automatic())
        return open_automatic(config);
    if (!config.is_cpu())
        return open_npu(config);
    auto driver = context_.run_in_front([&] { return make_cpu_driver(config); }); // its threads answer
    return open_.emplace(name, std::make_shared<Device>(context_, name, std::move(driver))).first->second;
}

/// But for those that this process works with itself. What the runtime has given up it lets go of first.
std::vector<npu::Card> Devices::cards_to_choose_from() const
{
    for (const auto& npu : npus_)
        for (const auto* driver : npu.drivers)
            driver->wait_for_release();
    auto cards = npu::discover(roots_);
    for (const auto& npu : npus_)
        for (const auto* driver : npu.drivers)
            if (!driver->is_lost())
                occupy(cards, driver->file().device);
    return cards;
}

/// A session of the runtime has its device for itself. Devices that nobody uses any more go first: that waits until
/// their last session has ended.
std::shared_ptr<Device> Devices::open_npu(const DeviceConfig& config)
{
    std::erase_if(npus_, [](const OpenNpu& npu) { return npu.device.use_count() == 1; });
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
    return npus_.emplace_back(std::move(npu)).device;
}

/// One element of a Warboy, unless more are asked for; else all processors of the CPU.
std::shared_ptr<Device> Devices::open_automatic(const DeviceConfig& config)
{
    try {
        return open_one(config.with_family(DeviceFamily::warboy).with_open_count(1));
    } catch (const Error& error) {
        if (!is_no_such_device(error))
            throw;
    }
    return open_one(config.with_family(DeviceFamily::cpu));
}

void Devices::shutdown() noexcept
{
    std::lock_guard lock(mutex_);
    for (const auto& [name, device] : open_)
        device->close();
    for (const auto& npu : npus_)
        npu.device->close();
}

} // namespace furiosa::device
