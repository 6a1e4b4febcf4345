#pragma once

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace furiosa::test {

/// The nice values of those threads of this process whose names begin so. Waits until there are as many, since a thread
/// names itself, or gives up after ten seconds.
inline std::set<int> niceness_of_threads(std::string_view name, std::size_t count = 1)
{
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    for (;; std::this_thread::yield()) {
        std::vector<int> found;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
            std::string thread;
            std::getline(std::ifstream(entry.path() / "comm"), thread);
            errno = 0;
            const int nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(std::stoul(entry.path().filename())));
            if (thread.starts_with(name) && errno == 0) // else it has ended meanwhile
                found.push_back(nice);
        }
        if (found.size() >= count || std::chrono::steady_clock::now() > give_up)
            return {found.begin(), found.end()};
    }
}

} // namespace furiosa::test
