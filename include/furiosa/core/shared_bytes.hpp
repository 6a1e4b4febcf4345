#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace furiosa {

/// Immutable bytes that several owners share: a mapped file, or memory. Copying costs a reference count.
class SharedBytes
{
public:
    SharedBytes() = default;
    /// `bytes` stay valid for as long as `owner` lives.
    SharedBytes(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) noexcept
        : bytes_(bytes), owner_(std::move(owner))
    {
    }

    static SharedBytes own(std::vector<std::byte> bytes);
    static SharedBytes copy_of(std::string_view text);

    /// Maps a regular file; its pages are read when they are touched, and shared among processes.
    /// The file must not shrink meanwhile, which files of the store never do.
    /// Throws errc::file_not_found, errc::io_error. Blocks: opening takes some microseconds.
    static SharedBytes map(const std::filesystem::path& file);

    const std::byte* data() const noexcept { return bytes_.data(); }
    std::size_t size() const noexcept { return bytes_.size(); }
    bool empty() const noexcept { return bytes_.empty(); }
    std::span<const std::byte> view() const noexcept { return bytes_; }
    operator std::span<const std::byte>() const noexcept { return bytes_; }
    std::string_view text() const noexcept
    {
        return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
    }

    /// A part of these bytes, which keeps the whole alive. The range must lie inside.
    SharedBytes part(std::size_t offset, std::size_t count) const noexcept
    {
        return {bytes_.subspan(offset, count), owner_};
    }

private:
    std::span<const std::byte> bytes_;
    std::shared_ptr<const void> owner_;
};

} // namespace furiosa
