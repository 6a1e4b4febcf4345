#include "store/partial_file.hpp"

#include <furiosa/core/error.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace furiosa::store {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void throw_errno(const fs::path& path, std::string_view what, int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOTDIR:
        throw_error(errc::store_not_writable,
                    "{}: {}: {}. Make the folder writable, or name another with FURIOSA_CACHE_HOME", path.native(),
                    what, std::strerror(error));
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        throw_error(errc::disk_full, "{}: {}: {}. Free some space, or name another folder with FURIOSA_CACHE_HOME",
                    path.native(), what, std::strerror(error));
    default: throw_error(errc::io_error, "{}: {}: {}", path.native(), what, std::strerror(error));
    }
}

void make_directories(const fs::path& directory)
{
    std::error_code error;
    fs::create_directories(directory, error);
    if (error)
        throw_errno(directory, "cannot be made", error.value());
}

/// The rename itself must survive a power cut too. A file system that cannot sync folders is not our loss.
void sync_directory(const fs::path& directory) noexcept
{
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        ::fsync(descriptor);
        ::close(descriptor);
    }
}

} // namespace

PartialFile::PartialFile(const fs::path& root, std::string_view stem)
{
    make_directories(root / "partial");
    auto name = (root / "partial" / fmt::format("{}.XXXXXX", stem)).native();
    descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
    path_ = name;
    if (descriptor_ < 0)
        throw_errno(root / "partial", "no file can be made in it", errno);
}

PartialFile::~PartialFile()
{
    ::close(descriptor_);
    ::unlink(path_.c_str()); // after publish() there is nothing of this name
}

void PartialFile::fail(const char* what, int error) const
{
    throw_errno(path_, what, error);
}

void PartialFile::reserve(std::uint64_t size)
{
    if (size != 0 && ::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)) != 0 &&
        errno != EOPNOTSUPP && errno != ENOSYS && errno != EINTR)
        fail("there is no room for it", errno);
}

void PartialFile::append(std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const auto written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR)
                continue;
            fail("cannot be written", errno);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void PartialFile::clear()
{
    if (::ftruncate(descriptor_, 0) != 0 || ::lseek(descriptor_, 0, SEEK_SET) != 0)
        fail("cannot be emptied", errno);
}

void PartialFile::publish(const fs::path& blob)
{
    if (::fchmod(descriptor_, 0444) != 0)
        fail("cannot be made read-only", errno);
    if (::fsync(descriptor_) != 0)
        fail("cannot be synced", errno);
    make_directories(blob.parent_path());
    if (::rename(path_.c_str(), blob.c_str()) != 0)
        throw_errno(blob, "the finished download cannot be put there", errno);
    sync_directory(blob.parent_path());
}

} // namespace furiosa::store
