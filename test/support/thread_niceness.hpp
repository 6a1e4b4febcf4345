#pragma once

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

/// The nice values of those threads of this process whose names begin so. Waits until there are as many: a thread names
/// itself.
inline std::set<int> niceness_of_threads(std::string_view name, std::size_t count = 1)
{
    for (;; std::this_thread::yield()) {
        std::vector<int> found;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
            std::string thread;
            std::getline(std::ifstream(entry.path() / "comm"), thread);
            if (thread.starts_with(name))
                found.push_back(::getpriority(PRIO_PROCESS, static_cast<id_t>(std::stoul(entry.path().filename()))));
        }
        if (found.size() >= count)
            return {found.begin(), found.end()};
    }
}

} // namespace furiosa::test
