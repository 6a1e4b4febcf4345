#pragma once

#include <furiosa/device/device_family.hpp>
#include <furiosa/device/named_device.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace furiosa::device {

/// A wish for some processing elements, no matter which.
struct DeviceRequest
{
    DeviceFamily family = DeviceFamily::automatic;
    /// Elements that work on one inference together: threads on the CPU.
    unsigned fused = 1;
    /// How many of these; 0 means as many as there are, and at least one.
    unsigned count = 0;

    friend bool operator==(const DeviceRequest&, const DeviceRequest&) = default;
};

using DeviceEntry = std::variant<NamedDevice, DeviceRequest>;

DeviceFamily family_of(const DeviceEntry& entry) noexcept;

/// "npu:0:0-1", "warboy(2)*1"
std::string to_string(const DeviceEntry& entry);

/// Which devices a session wants, in the vendor's notation, with the CPU as one more family:
///
///     cpu            single-threaded elements, one for each processor: throughput
///     cpu(1)*2       two single-threaded elements
///     cpu(2)*1       one element of two threads: latency
///     cpu*2          the same as cpu(1)*2
///     cpu:0:0-1      one element of two threads, which stay on processors 0 and 1
///     warboy(2)*1    a fused pair of a Warboy; npu(2)*1 of any NPU
///     warboy         all elements of Warboys that are free
///     npu:0          card 0; npu:0:1 an element of it, npu:0:0-1 a fused pair. The older npu0, npu0pe1, npu0pe0-1
///                    mean the same
///     auto           an element of a Warboy that is free, else the CPU
///
/// Commas join several, as in "npu:0:0, warboy(1)*2", but not NPUs and the CPU. Those that are named must not overlap.
/// Only one may leave the number of elements open: it gets what the others leave.
class DeviceConfig
{
public:
    /// "auto"
    DeviceConfig() : entries_{DeviceRequest{}} {}

    /// $FURIOSA_DEVICES if that is set, else the older $NPU_DEVNAME, else "auto".
    static DeviceConfig automatic();

    /// Throws errc::invalid_device_config, saying where the notation goes wrong.
    static DeviceConfig parse(std::string_view text);

    /// In the order of the text; at least one. All are of the CPU, or none is.
    const std::vector<DeviceEntry>& entries() const noexcept { return entries_; }

    /// "auto", whatever the number of elements. Such a configuration has no other entry.
    bool is_automatic() const noexcept;
    /// Whether this is for the CPU alone.
    bool is_cpu() const noexcept;

    /// The same, with `count` elements where the notation has left their number open.
    DeviceConfig with_open_count(unsigned count) const;
    /// What "auto" comes to on a device of that family.
    DeviceConfig with_family(DeviceFamily family) const;

    friend bool operator==(const DeviceConfig&, const DeviceConfig&) = default;

private:
    std::vector<DeviceEntry> entries_;
};

/// The notation again, in full: "cpu(1)*2". To parse it gives the same configuration.
std::string to_string(const DeviceConfig& config);

} // namespace furiosa::device
