#include <furiosa/core/error.hpp>
#include <furiosa/core/shared_bytes.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace furiosa {

namespace {

[[noreturn]] void throw_errno(const std::filesystem::path& file, const char* what, int error)
{
    const bool is_not_there = error == ENOENT || error == ENOTDIR;
    throw_error(is_not_there ? errc::file_not_found : errc::io_error, "{}: {}: {}", file.native(), what,
                std::strerror(error));
}

struct Descriptor
{
    int fd;
    ~Descriptor() { ::close(fd); }
};

} // namespace

SharedBytes SharedBytes::own(std::vector<std::byte> bytes)
{
    auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    return {*owner, owner};
}

SharedBytes SharedBytes::copy_of(std::string_view text)
{
    const auto* begin = reinterpret_cast<const std::byte*>(text.data());
    return own({begin, begin + text.size()});
}

SharedBytes SharedBytes::map(const std::filesystem::path& file)
{
    const Descriptor descriptor{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (descriptor.fd < 0)
        throw_errno(file, "cannot be opened", errno);
    struct stat status;
    if (::fstat(descriptor.fd, &status) != 0)
        throw_errno(file, "cannot be examined", errno);
    if (!S_ISREG(status.st_mode))
        throw_error(errc::io_error, "{}: is not a regular file", file.native());
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size == 0)
        return {};
    void* const address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor.fd, 0);
    if (address == MAP_FAILED)
        throw_errno(file, "cannot be mapped", errno);
    std::shared_ptr<const void> owner(address, [size](const void* p) { ::munmap(const_cast<void*>(p), size); });
    return {{static_cast<const std::byte*>(address), size}, std::move(owner)};
}

} // namespace furiosa
