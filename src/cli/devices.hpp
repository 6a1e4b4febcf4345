#pragma once

#include "cli/settings.hpp"

#include <furiosa/device/list_devices.hpp>

namespace furiosa::cli {

/// Lists the CPU, and the NPUs below these roots.
int devices(const Settings& settings, const device::npu::Roots& roots);

} // namespace furiosa::cli
