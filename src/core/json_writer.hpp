#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace furiosa {

/// Writes JSON text for people and programs: indented, but what stands between `begin_line` and `end_line` on one
/// line. Text that is not UTF-8, as hostile files have it, comes out with U+FFFD in place of what is wrong.
class JsonWriter
{
public:
    void begin_object() { begin('{'); }
    void end_object() { end('}'); }
    void begin_array() { begin('['); }
    void end_array() { end(']'); }
    /// The next object or array takes one line, with all that is in it; and so do those behind it, until `end_line`.
    void begin_line() { flat_depth_ = has_members_.size() + 1; }
    void end_line() { flat_depth_ = SIZE_MAX; }
    /// The name of the value that comes next.
    void key(std::string_view name);

    void string(std::string_view text);
    void number(std::uint64_t value);
    void number(std::int64_t value);
    /// With three decimals: microseconds, mostly. What is not finite, JSON cannot say: null.
    void real(double value);
    void boolean(bool value);
    /// A value that is JSON already.
    void raw(std::string_view json);

    void field(std::string_view name, std::string_view text)
    {
        key(name);
        string(text);
    }
    void field(std::string_view name, const char* text) { field(name, std::string_view(text)); }
    template <std::integral T>
    void field(std::string_view name, T value)
    {
        key(name);
        if constexpr (std::same_as<T, bool>)
            boolean(value);
        else if constexpr (std::signed_integral<T>)
            number(static_cast<std::int64_t>(value));
        else
            number(static_cast<std::uint64_t>(value));
    }
    template <std::floating_point T>
    void field(std::string_view name, T value)
    {
        key(name);
        real(value);
    }

    /// What was written since the last call, so that a long text need not be held whole.
    std::string take_piece();
    /// The text to its end, with a line feed.
    std::string take();

private:
    void begin(char bracket);
    void end(char bracket);
    void before_value();
    bool is_flat() const noexcept { return has_members_.size() >= flat_depth_; }
    void new_line();

    std::string text_;
    std::vector<bool> has_members_; // of the objects and arrays that are open
    bool after_key_ = false;
    std::size_t flat_depth_ = SIZE_MAX; // so deep, and deeper, there are no line feeds
};

} // namespace furiosa
