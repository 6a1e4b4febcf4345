#include <furiosa/registry/transport.hpp>

#include <furiosa/core/error.hpp>

#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace furiosa::registry {

namespace asio = boost::asio;

namespace {

/// A regular file, open for reading. Every member blocks.
class File
{
public:
    explicit File(std::string path)
        : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
    {
        if (descriptor_ < 0)
            fail(errno);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { ::close(descriptor_); }

    std::uint64_t size() const
    {
        struct stat status;
        if (::fstat(descriptor_, &status) != 0)
            fail(errno);
        if (!S_ISREG(status.st_mode)) // a pipe would never end, a device never fit
            throw_error(errc::io_error, "{}: is not a regular file", path_);
        return static_cast<std::uint64_t>(status.st_size);
    }

    std::size_t read(std::uint64_t offset, std::span<std::byte> room) const
    {
        const auto count = ::pread(descriptor_, room.data(), room.size(), static_cast<off_t>(offset));
        if (count < 0)
            fail(errno);
        return static_cast<std::size_t>(count);
    }

private:
    [[noreturn]] void fail(int error) const
    {
        throw_error(error == ENOENT || error == ENOTDIR ? errc::not_found : errc::io_error, "{}: {}", path_,
                    std::strerror(error));
    }

    std::string path_;
    int descriptor_;
};

} // namespace

asio::awaitable<void> transport_file(Context& context, http::GetRequest request, ByteSink& sink)
{
    const auto& uri = request.uri;
    const auto path = http::percent_decode(uri.path);
    if (path.find('\0') != std::string::npos)
        throw_error(errc::invalid_uri, "{}: a file name cannot hold a NUL character", uri.redacted());
    auto opened = co_await context.offload([&] {
        auto file = std::make_unique<File>(path);
        const auto bytes = file->size();
        return std::pair(std::move(file), bytes);
    });
    const auto& [file, size] = opened;
    if (size > request.max_size)
        throw_error(errc::body_too_large, "{}: has {} bytes, at most {} are taken", uri.redacted(), size,
                    request.max_size);

    co_await sink.start(sink.position(), size);
    while (sink.position() < size) {
        const auto room = co_await sink.prepare();
        const auto count = co_await context.offload([&, &open = *file] { return open.read(sink.position(), room); });
        if (count == 0)
            throw_error(errc::truncated_body, "{}: ended at {} of {} bytes: it was cut while it was read",
                        uri.redacted(), sink.position(), size);
        sink.commit(count);
    }
}

} // namespace furiosa::registry
