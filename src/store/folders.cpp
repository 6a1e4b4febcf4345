#include "store/folders.hpp"

#include <furiosa/core/error.hpp>

#include <cerrno>
#include <cstring>
#include <sys/stat.h>

namespace furiosa::store {

namespace fs = std::filesystem;

namespace {

void make(const fs::path& folder, mode_t mode)
{
    if (::mkdir(folder.c_str(), 0777) == 0) {
        if (mode != 0)
            ::chmod(folder.c_str(), mode); // what the umask took from others
        return;
    }
    if (errno != EEXIST)
        throw_store_errno(folder, "cannot be made", errno);
}

} // namespace

void throw_store_errno(const fs::path& path, std::string_view what, int error)
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

void make_folders(const fs::path& root, const fs::path& below)
{
    struct stat status;
    if (::stat((root / below).c_str(), &status) == 0 && S_ISDIR(status.st_mode))
        return;
    std::error_code error;
    fs::create_directories(root, error);
    if (error)
        throw_store_errno(root, "cannot be made", error.value());
    if (::stat(root.c_str(), &status) != 0)
        throw_store_errno(root, "cannot be read", errno);
    const bool is_shared = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    auto folder = root;
    for (const auto& part : below)
        make(folder /= part, is_shared ? status.st_mode & 07777 : 0);
}

} // namespace furiosa::store
