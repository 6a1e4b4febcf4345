#pragma once

#include "store/range_set.hpp"

#include <furiosa/store/digest.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace furiosa::store {

/// What a partial file says of itself: which bytes it has, and of which version of the resource.
struct Journal
{
    std::string validator;
    RangeSet ranges;
};

/// What the names of the partial files of a blob begin with.
std::string partial_stem(const Digest& digest);

/// A file under a unique name that becomes a blob by one rename, is left for the next who wants it, or vanishes.
///
///     <root>/partial/<stem>.<process>.<unique>   belongs to that process
///     <root>/partial/<stem>.free.<unique>        was left; whoever renames it first has it
///
/// Behind the place of the content stands the journal. No locks: a file changes hands by rename alone, and only when
/// the process that it belongs to has surely ended; so no two ever write to one file.
/// Every member blocks. Throws errc::store_not_writable, disk_full or io_error, naming the file.
class PartialFile
{
public:
    /// Makes <root>/partial and a new file in it, for content of `size` bytes.
    PartialFile(const std::filesystem::path& root, std::string_view stem, std::uint64_t size);
    /// One that was left there under this stem, with what it has; unusable ones are removed on the way.
    static std::optional<std::pair<PartialFile, Journal>> adopt(const std::filesystem::path& root, std::string_view stem,
                                                                std::uint64_t size);
    /// Is this the name of a file that no living process is writing, as far as anybody can know?
    static bool is_left(std::string_view name);
    PartialFile(PartialFile&& other) noexcept;
    PartialFile& operator=(PartialFile&&) = delete;
    ~PartialFile();

    /// Claims disk space for the content, so that a full disk or a spent quota shows before the download.
    void reserve();
    void write(std::uint64_t offset, std::span<const std::byte> bytes);
    void read(std::uint64_t offset, std::span<std::byte> room) const;
    void write_journal(const Journal& journal);
    /// Throws all bytes away.
    void clear();
    /// Synced, read-only and renamed to `blob`; the folders on the way are made. A power cut may undo the rename, and
    /// then the blob is fetched again: its bytes, not its name, are what must never be wrong.
    void publish(const std::filesystem::path& blob);
    /// Leaves the file and its journal for whoever comes next.
    void leave() noexcept;

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    PartialFile(std::filesystem::path path, std::string stem, std::uint64_t size, int descriptor) noexcept;
    void require_space() const;
    std::optional<Journal> read_journal() const;
    [[noreturn]] void fail(const char* what, int error) const;

    std::filesystem::path path_;
    std::string stem_;
    std::uint64_t size_;
    int descriptor_ = -1;
};

} // namespace furiosa::store
