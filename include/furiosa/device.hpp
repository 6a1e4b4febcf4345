#pragma once

#include <furiosa/device/device.hpp>
#include <furiosa/device/device_config.hpp>
#include <furiosa/device/device_queue.hpp>
#include <furiosa/device/devices.hpp>
#include <furiosa/device/driver.hpp>
#include <furiosa/device/list_devices.hpp>

namespace furiosa {

using device::async_list_devices;
using device::DeviceConfig;
using device::DeviceInfo;
using device::DeviceQueue;
using device::list_devices;
using device::ListOptions;

} // namespace furiosa
