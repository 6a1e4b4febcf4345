#pragma once

#include <furiosa/core/context.hpp>
#include <furiosa/device/device.hpp>
#include <furiosa/device/device_config.hpp>
#include <furiosa/device/npu/discover.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace furiosa::device {

namespace warboy {
class WarboyDriver;
}

/// The devices of a Context that are open. Thread-safe.
class Devices : public Context::Service
{
public:
    /// NPUs are looked for below these roots, and driven through the vendor's runtime: a library by name or by path, or
    /// empty for the one that was named when this library was built (FURIOSA_NUX_LIBRARY, else libnux.so).
    explicit Devices(Context& context, npu::Roots roots = {}, std::string nux_library = {})
        : context_(context), roots_(std::move(roots)), nux_library_(std::move(nux_library))
    {
    }
    void shutdown() noexcept override;

    /// The device of that configuration. On the CPU, sessions that name the same one share it, and it stays open, its
    /// threads asleep, as long as the Context. NPUs belong to whoever opened them until the last reference is dropped;
    /// "auto" looks for a free one each time. Starting threads takes up to a millisecond, looking for NPUs, and waiting
    /// for the last session on one to end, longer: for a worker. Throws errc::device_not_found, errc::device_busy,
    /// errc::not_supported when this library cannot work with that device, errc::out_of_memory.
    std::shared_ptr<Device> open(const DeviceConfig& config);

private:
    struct OpenNpu
    {
        std::shared_ptr<Device> device;
        std::vector<const warboy::WarboyDriver*> drivers; // of the members of the device
    };

    std::shared_ptr<Device> open_one(const DeviceConfig& config);
    std::shared_ptr<Device> open_automatic(const DeviceConfig& config);
    std::shared_ptr<Device> open_npu(const DeviceConfig& config);
    std::vector<npu::Card> cards_to_choose_from() const;

    Context& context_;
    const npu::Roots roots_;
    const std::string nux_library_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Device>> open_; // of the CPU
    std::vector<OpenNpu> npus_;
};

} // namespace furiosa::device
