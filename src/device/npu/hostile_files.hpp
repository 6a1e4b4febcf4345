#pragma once

#include <charconv>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace furiosa::device::npu {

/// One line of printable ASCII from a small file, without the blanks around it. Whatever else is there, or nothing,
/// gives an empty text. Never waits for a FIFO, and reads no more than a page.
std::string read_text(const std::filesystem::path& file);

/// The names in a folder that begin so, sorted; the first thousand that are found. A folder that cannot be
/// read has none.
std::vector<std::string> names_in(const std::filesystem::path& folder, std::string_view prefix);

/// A decimal number that is all of the text.
template <class T>
std::optional<T> number_of(std::string_view text)
{
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// What stands between the two in "<prefix>…<suffix>", as a number that is written without leading zeros.
std::optional<unsigned> number_between(std::string_view name, std::string_view prefix, std::string_view suffix);

} // namespace furiosa::device::npu
