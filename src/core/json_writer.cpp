#include "core/json_writer.hpp"

#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace furiosa {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd"; // U+FFFD

bool continues(std::string_view text, std::size_t at)
{
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

/// How many bytes the character takes that begins at `at`; 0 if none does. RFC 3629, section 4.
std::size_t character_length(std::string_view text, std::size_t at)
{
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80)
        return 1;
    const std::size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length == 0)
        return 0;
    for (std::size_t i = 1; i != length; ++i)
        if (!continues(text, at + i))
            return 0;
    const auto second = static_cast<unsigned char>(text[at + 1]);
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool no_character = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
    return overlong || no_character ? 0 : length;
}

/// RFC 8259, section 7.
std::string quoted(std::string_view text)
{
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        const auto length = character_length(text, i);
        if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (c == '\n')
            out += "\\n";
        else if (static_cast<unsigned char>(c) < 0x20)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            out += length == 0 ? replacement : text.substr(i, length);
        i += length == 0 ? 1 : length;
    }
    return out + '"';
}

} // namespace

void JsonWriter::new_line()
{
    text_ += '\n';
    text_.append(2 * has_members_.size(), ' ');
}

void JsonWriter::before_value()
{
    if (std::exchange(after_key_, false) || has_members_.empty())
        return;
    if (has_members_.back())
        text_ += is_flat() ? ", " : ",";
    has_members_.back() = true;
    if (!is_flat())
        new_line();
}

void JsonWriter::begin(char bracket)
{
    before_value();
    text_ += bracket;
    has_members_.push_back(false);
}

void JsonWriter::end(char bracket)
{
    const bool on_own_line = has_members_.back() && !is_flat();
    has_members_.pop_back();
    if (on_own_line)
        new_line();
    text_ += bracket;
}

void JsonWriter::key(std::string_view name)
{
    before_value();
    text_ += quoted(name) + ": ";
    after_key_ = true;
}

void JsonWriter::raw(std::string_view json)
{
    before_value();
    text_ += json;
}

void JsonWriter::string(std::string_view text)
{
    raw(quoted(text));
}

void JsonWriter::number(std::uint64_t value)
{
    raw(std::to_string(value));
}

void JsonWriter::number(std::int64_t value)
{
    raw(std::to_string(value));
}

void JsonWriter::real(double value)
{
    raw(std::isfinite(value) ? fmt::format("{:.3f}", value) : "null");
}

void JsonWriter::boolean(bool value)
{
    raw(value ? "true" : "false");
}

std::string JsonWriter::take_piece()
{
    return std::exchange(text_, {});
}

std::string JsonWriter::take()
{
    return std::exchange(text_, {}) + '\n';
}

} // namespace furiosa
