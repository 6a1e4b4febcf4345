#pragma once

#include <furiosa/device/device.hpp>
#include <furiosa/device/device_config.hpp>
#include <furiosa/device/device_queue.hpp>
#include <furiosa/device/devices.hpp>
#include <furiosa/device/driver.hpp>

namespace furiosa {

using device::DeviceConfig;
using device::DeviceQueue;

} // namespace furiosa
