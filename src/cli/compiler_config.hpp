#pragma once

#include <filesystem>
#include <string>

namespace furiosa::cli {

/// The text of a compiler config, which has been checked: an error names the file. Nothing if `file` is empty.
std::string compiler_config(const std::filesystem::path& file);

} // namespace furiosa::cli
