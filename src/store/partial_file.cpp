#include "store/partial_file.hpp"

#include "store/folders.hpp"
#include "store/process_identity.hpp"

#include <furiosa/core/error.hpp>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <random>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

namespace furiosa::store {

namespace fs = std::filesystem;

namespace {

} // namespace

namespace {

constexpr std::size_t largest_journal = 64 * 1024;
constexpr std::string_view journal_head = "furiosa partial 1";

std::string journal_text(const Journal& journal)
{
    auto text = fmt::format("{}\n{}\n", journal_head, journal.validator);
    for (const auto& range : journal.ranges.present())
        text += fmt::format("{} {}\n", range.first, range.last);
    return text + "end\n";
}

std::optional<ByteRange> parse_range(std::string_view line, std::uint64_t size)
{
    ByteRange range;
    const char* const end = line.data() + line.size();
    const auto [space, error] = std::from_chars(line.data(), end, range.first);
    if (error != std::errc() || space == end || *space != ' ')
        return std::nullopt;
    const auto [stop, second_error] = std::from_chars(space + 1, end, range.last);
    if (second_error != std::errc() || stop != end || range.empty() || range.last > size)
        return std::nullopt;
    return range;
}

/// Nothing unless it is whole: a journal that was cut while it was written says nothing.
std::optional<Journal> parse_journal(std::string_view text, std::uint64_t size)
{
    const auto next_line = [&]() -> std::optional<std::string_view> {
        const auto end = text.find('\n');
        if (end == std::string_view::npos)
            return std::nullopt;
        const auto line = text.substr(0, end);
        text.remove_prefix(end + 1);
        return line;
    };
    if (next_line() != journal_head)
        return std::nullopt;
    const auto validator = next_line();
    if (!validator)
        return std::nullopt;
    Journal journal{std::string(*validator), {}};
    for (auto line = next_line(); line; line = next_line()) {
        if (*line == "end")
            return journal;
        const auto range = parse_range(*line, size);
        if (!range)
            return std::nullopt;
        journal.ranges.insert(*range);
    }
    return std::nullopt;
}

/// A name in the folder that nobody else uses.
fs::path unique_path(const fs::path& folder, std::string_view stem, std::string_view owner)
{
    thread_local std::mt19937_64 random{std::random_device()()};
    return folder / fmt::format("{}.{}.{:016x}", stem, owner, random());
}

} // namespace

std::string partial_stem(const Digest& digest)
{
    return fmt::format("{}-{}", to_string(digest.algorithm), digest.hex());
}

PartialFile::PartialFile(const fs::path& root, std::string_view stem, std::uint64_t size)
    : stem_(stem), size_(size)
{
    make_folders(root, "partial");
    path_ = unique_path(root / "partial", stem, this_process());
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor_ < 0)
        throw_store_errno(root / "partial", "no file can be made in it", errno);
}

PartialFile::PartialFile(fs::path path, std::string stem, std::uint64_t size, int descriptor) noexcept
    : path_(std::move(path)), stem_(std::move(stem)), size_(size), descriptor_(descriptor)
{
}

PartialFile::PartialFile(PartialFile&& other) noexcept
    : path_(std::move(other.path_)), stem_(std::move(other.stem_)), size_(other.size_),
      descriptor_(std::exchange(other.descriptor_, -1))
{
}

/// "<stem>.<owner>.<unique>"
bool PartialFile::is_left(std::string_view name)
{
    const auto first = name.find('.');
    const auto second = name.find('.', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos)
        return false;
    const auto owner = name.substr(first + 1, second - first - 1);
    return owner == "free" || has_surely_ended(owner);
}

PartialFile::~PartialFile()
{
    if (descriptor_ < 0)
        return;
    ::close(descriptor_);
    ::unlink(path_.c_str()); // after publish() there is nothing of this name
}

std::optional<std::pair<PartialFile, Journal>> PartialFile::adopt(const fs::path& root, std::string_view stem,
                                                                  std::uint64_t size)
{
    const auto folder = root / "partial";
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const auto name = at->path().filename().native();
        if (!name.starts_with(std::string(stem) + ".") || !is_left(name))
            continue;
        const auto mine = unique_path(folder, stem, this_process());
        if (::rename(at->path().c_str(), mine.c_str()) != 0)
            continue; // another was faster
        const int descriptor = ::open(mine.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (descriptor < 0)
            continue;
        PartialFile file(mine, std::string(stem), size, descriptor);
        struct stat status;
        const bool ours = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid() &&
                          status.st_nlink == 1;
        auto journal = ours ? file.read_journal() : std::nullopt;
        if (journal)
            return std::pair(std::move(file), std::move(*journal));
    }
    return std::nullopt;
}

std::optional<Journal> PartialFile::read_journal() const
{
    std::string text(largest_journal, '\0');
    const auto count = ::pread(descriptor_, text.data(), text.size(), static_cast<off_t>(size_));
    if (count <= 0)
        return std::nullopt;
    return parse_journal(std::string_view(text).substr(0, static_cast<std::size_t>(count)), size_);
}

void PartialFile::write_journal(const Journal& journal)
{
    const auto text = journal_text(journal);
    if (text.size() <= largest_journal)
        write(size_, std::as_bytes(std::span(text)));
}

void PartialFile::leave() noexcept
{
    const auto left = unique_path(path_.parent_path(), stem_, "free");
    ::close(std::exchange(descriptor_, -1));
    ::rename(path_.c_str(), left.c_str());
}

void PartialFile::fail(const char* what, int error) const
{
    throw_store_errno(path_, what, error);
}

/// A file system that cannot set space aside can still say that it has none.
void PartialFile::require_space() const
{
    struct statvfs system;
    struct stat status;
    if (::fstatvfs(descriptor_, &system) != 0 || ::fstat(descriptor_, &status) != 0 || system.f_blocks == 0)
        return;
    const auto free = static_cast<std::uint64_t>(system.f_bavail) * system.f_frsize;
    const auto claimed = static_cast<std::uint64_t>(status.st_blocks) * 512;
    if (size_ > claimed && size_ - claimed > free)
        throw_error(errc::disk_full,
                    "{}: {} bytes are needed, {} are free. Free some space, or name another folder with "
                    "FURIOSA_CACHE_HOME",
                    path_.parent_path().native(), size_ - claimed, free);
}

void PartialFile::reserve()
{
    require_space();
    if (size_ != 0 && ::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size_)) != 0 &&
        errno != EOPNOTSUPP && errno != ENOSYS && errno != EINTR)
        fail("there is no room for it", errno);
}

void PartialFile::write(std::uint64_t offset, std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const auto written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0) {
            if (errno == EINTR)
                continue;
            fail("cannot be written", errno);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
}

void PartialFile::read(std::uint64_t offset, std::span<std::byte> room) const
{
    while (!room.empty()) {
        const auto count = ::pread(descriptor_, room.data(), room.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            fail("cannot be read back", count < 0 ? errno : EIO);
        room = room.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

void PartialFile::clear()
{
    if (::ftruncate(descriptor_, 0) != 0)
        fail("cannot be emptied", errno);
    reserve();
}

void PartialFile::publish(const fs::path& blob)
{
    if (::ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) // the journal goes
        fail("cannot be cut to its size", errno);
    if (::fchmod(descriptor_, 0444) != 0)
        fail("cannot be made read-only", errno);
    if (::fsync(descriptor_) != 0)
        fail("cannot be synced", errno);
    const auto root = path_.parent_path().parent_path();
    make_folders(root, blob.parent_path().lexically_relative(root));
    if (::rename(path_.c_str(), blob.c_str()) != 0)
        throw_store_errno(blob, "the finished download cannot be put there", errno);
}

} // namespace furiosa::store
