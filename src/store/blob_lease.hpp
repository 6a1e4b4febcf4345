#pragma once

#include <furiosa/core/shared_bytes.hpp>

#include <filesystem>
#include <optional>

namespace furiosa::store {

/// Maps a file that may not be there, and shares a lock on it for as long as the bytes are held, which tells
/// gc() that it is in use. Marks it as used, if that was not done within the hour. Throws errc::io_error.
std::optional<SharedBytes> map_leased(const std::filesystem::path& file);

enum class Removal { done, leased, denied };

/// Removes a file unless somebody has leased it, or it is not ours to remove. Throws errc::io_error.
Removal remove_unleased(const std::filesystem::path& file);

} // namespace furiosa::store
