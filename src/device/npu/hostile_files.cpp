#include "device/npu/hostile_files.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace furiosa::device::npu {

namespace {

/// What sysfs gives of an attribute at most.
constexpr std::size_t max_size = 4096;
constexpr std::size_t max_names = 1000;

std::string read_at_most(int descriptor, std::size_t size)
{
    struct stat status = {};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return {};
    std::string text(size, '\0');
    std::size_t filled = 0;
    while (filled != size) {
        const auto count = ::read(descriptor, text.data() + filled, size - filled);
        if (count < 0)
            return {};
        if (count == 0)
            break;
        filled += static_cast<std::size_t>(count);
    }
    text.resize(filled);
    return text;
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace

std::string read_text(const std::filesystem::path& file)
{
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0)
        return {};
    const auto content = read_at_most(descriptor, max_size + 1);
    ::close(descriptor);
    const auto text = trimmed(content);
    const bool printable = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
    return content.size() <= max_size && printable ? std::string(text) : std::string();
}

std::vector<std::string> names_in(const std::filesystem::path& folder, std::string_view prefix)
{
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->path().filename().native().starts_with(prefix))
            names.push_back(entry->path().filename().native());
        if (names.size() == max_names)
            break;
    }
    std::ranges::sort(names);
    return names;
}

std::optional<unsigned> number_between(std::string_view name, std::string_view prefix, std::string_view suffix)
{
    if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix))
        return std::nullopt;
    const auto digits = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    if (digits.size() > 1 && digits.front() == '0')
        return std::nullopt;
    return number_of<unsigned>(digits);
}

} // namespace furiosa::device::npu
