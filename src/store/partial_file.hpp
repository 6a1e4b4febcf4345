#pragma once

#include <furiosa/store/digest.hpp>

#include <cstdint>
#include <filesystem>
#include <span>

namespace furiosa::store {

/// A file under a unique name that becomes a blob by one rename, or vanishes. Every member blocks.
///
/// Throws errc::store_not_writable, disk_full or io_error, naming the file.
class PartialFile
{
public:
    /// Makes <root>/partial and a new file in it whose name starts with `stem`.
    PartialFile(const std::filesystem::path& root, std::string_view stem);
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;
    ~PartialFile();

    /// Claims disk space for `size` bytes, so that a full disk shows before the download.
    void reserve(std::uint64_t size);
    void append(std::span<const std::byte> bytes);
    /// Throws all bytes away.
    void clear();
    /// Synced, read-only and renamed to `blob`; the folders on the way are made.
    void publish(const std::filesystem::path& blob);

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    [[noreturn]] void fail(const char* what, int error) const;

    std::filesystem::path path_;
    int descriptor_ = -1;
};

} // namespace furiosa::store
