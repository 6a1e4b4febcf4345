#include "device/notation.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <charconv>

namespace furiosa::device {

namespace {

/// Reads from left to right.
class Cursor
{
public:
    explicit Cursor(std::string_view text) : text_(text), rest_(text) {}

    bool take(std::string_view token)
    {
        if (!rest_.starts_with(token))
            return false;
        rest_.remove_prefix(token.size());
        return true;
    }

    void expect(std::string_view token)
    {
        if (!take(token))
            fail(fmt::format("'{}' is expected", token));
    }

    bool at(std::string_view token) const noexcept { return rest_.starts_with(token); }
    bool at_digit() const noexcept { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
    bool at_end() const noexcept { return rest_.empty(); }

    unsigned number(unsigned least, unsigned most)
    {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc() || value < least || value > most)
            fail(fmt::format("a number from {} to {} is expected", least, most));
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }

    void skip_spaces()
    {
        while (take(" ")) {
        }
    }

    [[noreturn]] void fail(std::string_view what) const
    {
        throw_error(errc::invalid_device_config,
                    "device '{}': {} at character {}. Examples: cpu, cpu(1)*2, cpu(2)*1, npu:0:0, warboy(2)*1",
                    text_.substr(0, 100), what, text_.size() - rest_.size() + 1);
    }

private:
    std::string_view text_;
    std::string_view rest_;
};

DeviceFamily take_family(Cursor& cursor)
{
    for (const auto family : {DeviceFamily::cpu, DeviceFamily::npu, DeviceFamily::warboy, DeviceFamily::automatic})
        if (cursor.take(to_string(family)))
            return family;
    cursor.fail("cpu, npu, warboy or auto is expected");
}

/// "0" or "0-1"
ElementRange take_range(Cursor& cursor)
{
    ElementRange range;
    range.first = range.last = cursor.number(0, max_elements - 1);
    if (cursor.take("-"))
        range.last = cursor.number(range.first, max_elements - 1);
    return range;
}

/// What follows the family of a name: ":0", ":0:0-1", of an NPU also "0", "0pe0-1".
NamedDevice take_name(Cursor& cursor, DeviceFamily family)
{
    const bool older = !cursor.take(":");
    NamedDevice device{family, cursor.number(0, max_elements - 1), std::nullopt};
    if (cursor.take(older ? "pe" : ":"))
        device.elements = take_range(cursor);
    return device;
}

/// What follows the family of a request: "(2)*1", "*2" or nothing.
DeviceRequest take_request(Cursor& cursor, DeviceFamily family)
{
    DeviceRequest request{family};
    if (cursor.take("(")) {
        request.fused = cursor.number(1, max_elements);
        cursor.expect(")");
        cursor.expect("*");
        request.count = cursor.number(1, max_elements);
    } else if (cursor.take("*")) {
        request.count = cursor.number(1, max_elements);
    }
    return request;
}

bool has_open_count(const DeviceEntry& entry)
{
    const auto* request = std::get_if<DeviceRequest>(&entry);
    return request && request->count == 0;
}

/// Refuses, where `begin` stands, a family that cannot be had together with what stands before it.
void require_same_kind(const Cursor& begin, DeviceFamily family, DeviceFamily before)
{
    if (before == DeviceFamily::automatic || family == DeviceFamily::automatic)
        begin.fail("'auto' stands alone: nothing more is expected");
    if ((before == DeviceFamily::cpu) != (family == DeviceFamily::cpu))
        begin.fail("the CPU and NPUs cannot be had in one: the same family as before is expected");
}

void require_apart(const Cursor& begin, const NamedDevice& device, const std::vector<DeviceEntry>& before)
{
    for (const auto& entry : before)
        if (const auto* named = std::get_if<NamedDevice>(&entry); named && overlap(*named, device))
            begin.fail(fmt::format("{} overlaps {}: another device is expected", to_string(device), to_string(*named)));
}

DeviceEntry take_entry(Cursor& cursor, const std::vector<DeviceEntry>& before)
{
    const auto begin = cursor;
    const auto family = take_family(cursor);
    if (!before.empty())
        require_same_kind(begin, family, family_of(before.front()));
    const bool npu = family == DeviceFamily::npu;
    if (cursor.at(":") ? npu || family == DeviceFamily::cpu : npu && cursor.at_digit()) {
        const auto device = take_name(cursor, family);
        require_apart(begin, device, before);
        return device;
    }
    const auto request = take_request(cursor, family);
    if (has_open_count(request) && std::ranges::any_of(before, has_open_count))
        cursor.fail("'*' and a number is expected, since another takes what is left");
    return request;
}

void take_comma(Cursor& cursor)
{
    cursor.skip_spaces();
    if (!cursor.take(","))
        cursor.fail("a comma, or nothing more, is expected");
    cursor.skip_spaces();
}

} // namespace

std::vector<DeviceEntry> read_notation(std::string_view text)
{
    Cursor cursor(text);
    std::vector<DeviceEntry> entries{take_entry(cursor, {})};
    while (!cursor.at_end()) {
        if (entries.size() == max_entries)
            cursor.fail(fmt::format("no more than {} devices are expected", max_entries));
        take_comma(cursor);
        entries.push_back(take_entry(cursor, entries));
    }
    return entries;
}

} // namespace furiosa::device
