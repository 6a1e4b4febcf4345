#pragma once

#include <cstdint>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

namespace furiosa::registry {

/// Writes JSON text for people and programs: indented, with lists of plain values on one line.
class JsonWriter
{
public:
    void begin_object() { begin('{'); }
    void end_object() { end('}'); }
    void begin_array() { begin('['); }
    void end_array() { end(']'); }
    /// The name of the value that comes next.
    void key(std::string_view name);

    void string(std::string_view text);
    void number(std::uint64_t value);
    void boolean(bool value);
    /// A value of another document, as it is.
    void element(const simdjson::dom::element& value);

    void field(std::string_view name, std::string_view text)
    {
        key(name);
        string(text);
    }
    void field(std::string_view name, std::uint64_t value)
    {
        key(name);
        number(value);
    }

    /// The whole text, which ends with a line feed.
    std::string take();

private:
    void begin(char bracket);
    void end(char bracket);
    void before_value();
    void new_line();
    void raw(std::string_view text);

    std::string text_;
    std::vector<bool> has_members_; // of the objects and arrays that are open
    bool after_key_ = false;
};

} // namespace furiosa::registry
