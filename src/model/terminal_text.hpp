#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace furiosa::model {

/// "25.5 MB"; powers of ten, as disks and networks are sold.
std::string bytes_text(std::uint64_t bytes);

/// "0:07", "12:30", "1:02:03"
std::string duration_text(std::chrono::seconds duration);

/// The text with '?' for control characters: what a registry says must not steer the terminal.
std::string printable(std::string_view text);

} // namespace furiosa::model
