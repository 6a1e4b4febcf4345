#pragma once

#include <furiosa/device/device_config.hpp>
#include <furiosa/device/npu/card.hpp>

#include <span>
#include <vector>

namespace furiosa::device::npu {

/// The device files to open for a configuration of NPUs: those that it names, and free ones for what it requests. No
/// two of them overlap. For requests only those count whose target is known. Looks at nothing but the cards, as discover()
/// gives them.
///
/// Throws errc::device_not_found when there are too few, whoever has them, and errc::device_busy when there would be
/// enough, but for those that are occupied.
std::vector<DeviceFile> choose(const DeviceConfig& config, std::span<const Card> cards);

} // namespace furiosa::device::npu
