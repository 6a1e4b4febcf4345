#pragma once

#include <furiosa/device/npu/discover.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace furiosa::device::npu {

/// What a name in devfs stands for: "npu0", "npu0pe1", "npu0pe0-1". Nothing for other names, as "npu0_mgmt".
std::optional<NamedDevice> device_of(std::string_view file_name);

/// The device files of the card with that number, as Card::files has them. Those of a card that is not alive are not
/// opened.
std::vector<DeviceFile> find_device_files(const Roots& roots, unsigned card, bool alive);

} // namespace furiosa::device::npu
