#pragma once

#include <filesystem>
#include <string_view>

namespace furiosa::store {

/// Makes root/below and what is missing on the way. Folders below the root get the root's permissions, so that
/// several users can share a store whose root they all may write to. Blocks; throws errc::store_not_writable,
/// disk_full, io_error.
void make_folders(const std::filesystem::path& root, const std::filesystem::path& below);

/// The error that errno stands for, when something in the store could not be done to `path`.
[[noreturn]] void throw_store_errno(const std::filesystem::path& path, std::string_view what, int error);

} // namespace furiosa::store
