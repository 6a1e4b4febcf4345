#include "store/download_turn.hpp"

#include "store/folders.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace furiosa::store {

namespace fs = std::filesystem;

namespace {

/// A download that writes nothing for so long is not waited for any longer.
constexpr std::chrono::seconds patience{15};

/// When anything was last written to a partial file of the blob.
fs::file_time_type newest_write(const fs::path& folder, const std::string& stem)
{
    fs::file_time_type newest{};
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        std::error_code gone;
        const auto written = at->last_write_time(gone);
        if (!gone && at->path().filename().native().starts_with(stem + "."))
            newest = std::max(newest, written);
    }
    return newest;
}

} // namespace

DownloadTurn::DownloadTurn(fs::path root, std::string stem)
    : root_(std::move(root)), stem_(std::move(stem)), lock_(root_ / "locks" / stem_), seen_at_(Clock::now())
{
    try {
        make_folders(root_, "locks");
    } catch (const Error&) {
        return; // the download will say what is wrong with the store
    }
    descriptor_ = ::open(lock_.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0444);
}

DownloadTurn::~DownloadTurn()
{
    give_back();
}

void DownloadTurn::give_back() noexcept
{
    const int descriptor = std::exchange(descriptor_, -1);
    if (descriptor < 0)
        return;
    if (holds_)
        ::unlink(lock_.c_str());
    ::close(descriptor);
}

bool DownloadTurn::try_take()
{
    if (descriptor_ < 0)
        return true;
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {
        holds_ = true;
        return true;
    }
    return errno != EWOULDBLOCK || holder_gets_nowhere();
}

bool DownloadTurn::holder_gets_nowhere()
{
    const auto sign = newest_write(root_ / "partial", stem_);
    const auto now = Clock::now();
    if (sign != last_sign_) {
        last_sign_ = sign;
        seen_at_ = now;
    }
    return now - seen_at_ > patience;
}

} // namespace furiosa::store
