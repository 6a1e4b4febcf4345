#include "store/blob_lease.hpp"

#include <furiosa/core/error.hpp>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <memory>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace furiosa::store {

namespace {

constexpr std::time_t use_is_marked_after = 3600;

class Descriptor
{
public:
    explicit Descriptor(const std::filesystem::path& file)
        : value_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
    {
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor()
    {
        if (value_ >= 0)
            ::close(value_);
    }
    int get() const noexcept { return value_; }

private:
    int value_;
};

struct Lease
{
    explicit Lease(const std::filesystem::path& file) : descriptor(file) {}

    Descriptor descriptor;
    SharedBytes bytes;
};

/// In a store of somebody else's this may not be allowed; then its owner's use alone counts.
void mark_use(int descriptor) noexcept
{
    struct stat status;
    if (::fstat(descriptor, &status) == 0 && status.st_mtime + use_is_marked_after < std::time(nullptr))
        ::futimens(descriptor, nullptr);
}

} // namespace

std::optional<SharedBytes> map_leased(const std::filesystem::path& file)
{
    const auto lease = std::make_shared<Lease>(file);
    if (lease->descriptor.get() < 0 && errno == ENOENT)
        return std::nullopt;
    try {
        lease->bytes = SharedBytes::map(file);
    } catch (const Error& error) {
        if (error.code() == errc::file_not_found)
            return std::nullopt;
        throw;
    }
    if (lease->descriptor.get() >= 0) {
        ::flock(lease->descriptor.get(), LOCK_SH | LOCK_NB);
        mark_use(lease->descriptor.get());
    }
    return SharedBytes(lease->bytes.view(), lease);
}

Removal remove_unleased(const std::filesystem::path& file)
{
    const Descriptor descriptor(file);
    if (descriptor.get() >= 0 && ::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return Removal::leased;
    if (::unlink(file.c_str()) == 0 || errno == ENOENT)
        return Removal::done;
    if (errno == EACCES || errno == EPERM || errno == EROFS)
        return Removal::denied;
    throw_error(errc::io_error, "{}: cannot be removed: {}", file.native(), std::strerror(errno));
}

} // namespace furiosa::store
