#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace furiosa::device {

enum class DeviceFamily : std::uint8_t { cpu, npu, warboy };

/// "cpu", "npu", "warboy"
std::string_view to_string(DeviceFamily family) noexcept;

/// A wish for processing elements, one entry of the vendor's notation.
struct DeviceRequest
{
    DeviceFamily family = DeviceFamily::cpu;
    /// Elements that work on one inference together: threads on the CPU.
    unsigned fused = 1;
    /// How many of these; 0 means as many as there are.
    unsigned count = 0;

    friend bool operator==(const DeviceRequest&, const DeviceRequest&) = default;
};

/// Which devices a session wants, in the vendor's notation, with the CPU as one more family:
///
///     cpu            single-threaded elements, one for each processor: throughput
///     cpu(1)*2       two single-threaded elements
///     cpu(2)*1       one element of two threads: latency
///     cpu*2          the same as cpu(1)*2
///     warboy(2)*1    a fused pair of an NPU
class DeviceConfig
{
public:
    /// $FURIOSA_DEVICES if that is set, else the CPU.
    static DeviceConfig automatic();

    /// Throws errc::invalid_device_config, saying where the notation goes wrong.
    static DeviceConfig parse(std::string_view text);

    const DeviceRequest& request() const noexcept { return request_; }

    /// The same, with `count` elements if the notation has left their number open.
    DeviceConfig with_open_count(unsigned count) const noexcept;

    friend bool operator==(const DeviceConfig&, const DeviceConfig&) = default;

private:
    DeviceRequest request_;
};

/// The notation again, in full: "cpu(1)*2".
std::string to_string(const DeviceConfig& config);

} // namespace furiosa::device
