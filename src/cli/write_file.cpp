#include "cli/write_file.hpp"

#include <furiosa/core/error.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace furiosa::cli {

void write_file(const std::filesystem::path& file, std::string_view content)
{
    std::FILE* const stream = std::fopen(file.c_str(), "wbe");
    const bool written = stream && std::fwrite(content.data(), 1, content.size(), stream) == content.size();
    int error = written ? 0 : errno;
    if (stream && std::fclose(stream) != 0 && error == 0)
        error = errno;
    if (error != 0)
        throw_error(error == ENOSPC ? errc::disk_full : errc::io_error, "{}: cannot be written: {}", file.native(),
                    std::strerror(error));
}

} // namespace furiosa::cli
