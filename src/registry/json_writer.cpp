#include "registry/json_writer.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace furiosa::registry {

namespace {

/// RFC 8259, section 7.
std::string quoted(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (c == '\n')
            out += "\\n";
        else if (static_cast<unsigned char>(c) < 0x20)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out + '"';
}

bool is_plain(const simdjson::dom::element& value)
{
    return !value.is_array() && !value.is_object();
}

bool is_list_of_plain_values(const simdjson::dom::element& value)
{
    if (!value.is_array())
        return false;
    const simdjson::dom::array list = value;
    return std::all_of(list.begin(), list.end(), is_plain);
}

std::string on_one_line(const simdjson::dom::element& list)
{
    std::string out;
    for (const auto value : simdjson::dom::array(list))
        out += (out.empty() ? "" : ", ") + simdjson::to_string(value);
    return "[" + out + "]";
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
        text_ += ',';
    has_members_.back() = true;
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
    const bool had_members = has_members_.back();
    has_members_.pop_back();
    if (had_members)
        new_line();
    text_ += bracket;
}

void JsonWriter::key(std::string_view name)
{
    before_value();
    text_ += quoted(name) + ": ";
    after_key_ = true;
}

void JsonWriter::raw(std::string_view text)
{
    before_value();
    text_ += text;
}

void JsonWriter::string(std::string_view text)
{
    raw(quoted(text));
}

void JsonWriter::number(std::uint64_t value)
{
    raw(std::to_string(value));
}

void JsonWriter::boolean(bool value)
{
    raw(value ? "true" : "false");
}

void JsonWriter::element(const simdjson::dom::element& value)
{
    if (value.is_object()) {
        begin_object();
        for (const auto& [name, member] : simdjson::dom::object(value)) {
            key(name);
            element(member);
        }
        end_object();
    } else if (is_list_of_plain_values(value)) {
        raw(on_one_line(value));
    } else if (value.is_array()) {
        begin_array();
        for (const auto member : simdjson::dom::array(value))
            element(member);
        end_array();
    } else {
        raw(simdjson::to_string(value));
    }
}

std::string JsonWriter::take()
{
    return std::exchange(text_, {}) + '\n';
}

} // namespace furiosa::registry
