#pragma once

#include <furiosa/device/device_config.hpp>

#include <string>
#include <vector>

namespace furiosa::device {

/// A device of this machine.
struct DeviceInfo
{
    DeviceFamily family = DeviceFamily::cpu;
    /// What DeviceConfig takes for it.
    std::string name;
    /// Processing elements that it has, or is divided into unless the notation says otherwise.
    unsigned elements = 0;
    /// Threads of the host that may work on inferences.
    unsigned threads = 0;
    /// What programs for it are compiled for.
    std::string target;
    /// What it computes with, in words: "AVX-512 with VNNI".
    std::string instruction_set;
};

/// The devices that sessions may be created on. Opens none. Thread-safe.
std::vector<DeviceInfo> list_devices();

} // namespace furiosa::device
