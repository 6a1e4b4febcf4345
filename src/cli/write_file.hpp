#pragma once

#include <filesystem>
#include <string_view>

namespace furiosa::cli {

/// Makes, or overwrites, a file. Throws errc::disk_full and io_error.
void write_file(const std::filesystem::path& file, std::string_view content);

} // namespace furiosa::cli
