#include <furiosa/device/list_devices.hpp>

#ifdef FURIOSA_WITH_CPU
#include "device/cpu/instruction_set.hpp"

#include <furiosa/device/cpu/executor.hpp>
#endif

#include <algorithm>
#include <thread>

namespace furiosa::device {

std::vector<DeviceInfo> list_devices()
{
    std::vector<DeviceInfo> devices;
#ifdef FURIOSA_WITH_CPU
    const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
    devices.push_back({DeviceFamily::cpu, "cpu", processors, processors, cpu::target(), cpu::instruction_set()});
#endif
    return devices;
}

} // namespace furiosa::device
