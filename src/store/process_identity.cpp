#include "store/process_identity.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <unistd.h>

namespace furiosa::store {

namespace {

std::string first_line(const std::string& path)
{
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

/// Where a process number means the same process: the boot, and the namespace in it.
std::string process_namespace()
{
    std::error_code error;
    const auto space = std::filesystem::read_symlink("/proc/self/ns/pid", error).native();
    const auto boot = first_line("/proc/sys/kernel/random/boot_id");
    return fmt::format("{:016x}", std::hash<std::string>()(boot + space));
}

/// When it started, in ticks after boot: field 22 of proc(5)'s stat, counted behind the name, which may hold
/// spaces.
std::string start_of(long pid)
{
    const auto stat = first_line(fmt::format("/proc/{}/stat", pid));
    const auto name_end = stat.rfind(')');
    if (name_end == std::string::npos)
        return {};
    std::size_t at = name_end + 1;
    for (int field = 2; field != 21; ++field)
        at = stat.find(' ', at + 1);
    if (at == std::string::npos)
        return {};
    return stat.substr(at + 1, stat.find(' ', at + 1) - at - 1);
}

} // namespace

const std::string& this_process()
{
    // A child of fork() is another process: the name is made anew when the number has changed.
    thread_local pid_t named = 0;
    thread_local std::string name;
    if (named != ::getpid()) {
        named = ::getpid();
        name = fmt::format("{}-{}-{}", process_namespace(), named, start_of(named));
    }
    return name;
}

bool has_surely_ended(std::string_view process)
{
    const auto first = process.find('-');
    const auto second = process.find('-', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos)
        return false;
    static const std::string here = process_namespace();
    if (process.substr(0, first) != here)
        return false;
    long pid = 0;
    const auto digits = process.substr(first + 1, second - first - 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), pid);
    if (error != std::errc() || end != digits.data() + digits.size() || pid <= 0)
        return false;
    if (::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH)
        return true;
    const auto start = start_of(pid);
    return !start.empty() && start != process.substr(second + 1);
}

} // namespace furiosa::store
