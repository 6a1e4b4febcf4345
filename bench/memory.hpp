#pragma once

#include <cstdio>
#include <fstream>
#include <string>

namespace bench {

/// A line of /proc/self/status, in KiB: "VmHWM" is the largest resident set so far, "RssAnon" the memory that is the
/// process's own, without mapped files.
inline long memory_kib(const std::string& key)
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key + ":"))
            return std::stol(line.substr(key.size() + 1));
    return 0;
}

} // namespace bench
