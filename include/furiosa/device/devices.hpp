#pragma once

#include <furiosa/core/context.hpp>
#include <furiosa/device/device.hpp>
#include <furiosa/device/device_config.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace furiosa::device {

/// The devices of a Context that are open. Thread-safe.
class Devices : public Context::Service
{
public:
    explicit Devices(Context& context) : context_(context) {}
    void shutdown() noexcept override;

    /// The device of that configuration: sessions that name the same one share it. It stays open, its threads
    /// asleep, as long as the Context. Starting them takes up to a millisecond: for a worker.
    /// Throws errc::device_not_found, errc::not_supported when this library was built without that device.
    std::shared_ptr<Device> open(const DeviceConfig& config);

private:
    Context& context_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Device>> open_;
};

} // namespace furiosa::device
