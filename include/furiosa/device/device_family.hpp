#pragma once

#include <cstdint>
#include <string_view>

namespace furiosa::device {

enum class DeviceFamily : std::uint8_t {
    automatic, ///< an element of a Warboy that is free, else the CPU
    cpu,
    npu, ///< whichever NPU it is
    warboy,
};

/// "auto", "cpu", "npu", "warboy"
std::string_view to_string(DeviceFamily family) noexcept;

} // namespace furiosa::device
