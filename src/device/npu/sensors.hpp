#pragma once

#include <furiosa/device/npu/card.hpp>

#include <filesystem>
#include <vector>

namespace furiosa::device::npu {

/// What the hwmon folders of a PCI device measure, by kind and number.
std::vector<Sensor> read_sensors(const std::filesystem::path& pci_device);

} // namespace furiosa::device::npu
