#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace furiosa::store {

/// Lets one of several processes download a blob while the others wait for it: an flock(2) on <root>/locks/<stem>.
///
/// It saves traffic and guards nothing: whoever cannot lock, or has waited for somebody who gets nowhere, downloads
/// for itself. Every member blocks: for a worker.
class DownloadTurn
{
public:
    /// `stem` is the name that partial files of the blob begin with.
    DownloadTurn(std::filesystem::path root, std::string stem);
    DownloadTurn(const DownloadTurn&) = delete;
    DownloadTurn& operator=(const DownloadTurn&) = delete;
    ~DownloadTurn();

    /// Is it our turn? Where it is not, ask again a little later.
    bool try_take();
    /// The others need wait no longer.
    void give_back() noexcept;

private:
    using Clock = std::chrono::steady_clock;

    bool holder_gets_nowhere();

    std::filesystem::path root_;
    std::string stem_;
    std::filesystem::path lock_;
    int descriptor_ = -1;
    bool holds_ = false;
    std::filesystem::file_time_type last_sign_{};
    Clock::time_point seen_at_;
};

} // namespace furiosa::store
