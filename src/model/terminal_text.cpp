#include "model/terminal_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace furiosa::model {

std::string bytes_text(std::uint64_t bytes)
{
    if (bytes < 1000)
        return fmt::format("{} B", bytes);
    auto value = static_cast<double>(bytes);
    const char* unit = "kMGTPE";
    for (value /= 1000; value >= 999.95; value /= 1000)
        ++unit;
    return fmt::format("{:.1f} {}B", value, *unit);
}

std::string duration_text(std::chrono::seconds duration)
{
    const auto seconds = duration.count();
    if (seconds < 3600)
        return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
    return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string printable(std::string_view text)
{
    std::string out(text);
    std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return out;
}

} // namespace furiosa::model
