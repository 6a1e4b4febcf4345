#pragma once

#include <furiosa/device/device_config.hpp>

#include <string_view>
#include <vector>

namespace furiosa::device {

/// The most elements, and the highest number of a card or an element, that the notation takes: more than any machine
/// has, and few enough to be made.
constexpr unsigned max_elements = 1024;
constexpr std::size_t max_entries = 256;

/// Reads the notation of devices: at least one entry. Throws errc::invalid_device_config with the place.
std::vector<DeviceEntry> read_notation(std::string_view text);

} // namespace furiosa::device
