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
    /// threads asleep, as long as the Context. NPUs belong to whoever opened them until the last reference is dropped, or
    /// a session on them closes, or they die; "auto" looks for a free one each time.
    ///
    /// For a worker: starting threads takes up to a millisecond, looking for NPUs longer. An NPU that was given up is waited
    /// for, ten seconds at the most, and one whose last reference was dropped until its sessions have ended.
    /// Throws errc::device_not_found, errc::device_busy, errc::not_supported when this library cannot work with that
    /// device, errc::out_of_memory.
    std::shared_ptr<Device> open(const DeviceConfig& config);

private:
    struct OpenNpu
    {
        std::shared_ptr<Device> device;
        std::vector<const warboy::WarboyDriver*> drivers; // of the members of the device
    };

    std::shared_ptr<Device> open_automatic(const DeviceConfig& config);
    std::shared_ptr<Device> open_cpu(const DeviceConfig& config);
    std::shared_ptr<Device> open_npu(const DeviceConfig& config);
    void wait_for_releases() const;
    void forget_unused_npus();
    std::vector<npu::Card> cards_to_choose_from() const;

    Context& context_;
    const npu::Roots roots_;
    const std::string nux_library_;
    std::mutex opening_npu_; // which may take long
    std::mutex mutex_;       // taken after the other
    std::map<std::string, std::shared_ptr<Device>> cpus_;
    std::vector<OpenNpu> npus_; // changed under both
    bool shut_down_ = false;
};

} // namespace furiosa::device
