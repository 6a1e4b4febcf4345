#include <furiosa/device/device_config.hpp>

#include <furiosa/core/error.hpp>

#include <charconv>
#include <cstdlib>
#include <optional>

namespace furiosa::device {

namespace {

/// More than any machine has, and few enough to be made.
constexpr unsigned max_elements = 1024;

/// Reads the notation from left to right.
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

    unsigned number()
    {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc() || value == 0 || value > max_elements)
            fail(fmt::format("a number from 1 to {} is expected", max_elements));
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }

    bool at_end() const noexcept { return rest_.empty(); }

    [[noreturn]] void fail(std::string_view what) const
    {
        throw_error(errc::invalid_device_config,
                    "device '{}': {} at character {}. Examples: cpu, cpu(1)*2, cpu(2)*1, warboy(2)*1",
                    text_.substr(0, 100), what, text_.size() - rest_.size() + 1);
    }

private:
    std::string_view text_;
    std::string_view rest_;
};

DeviceFamily take_family(Cursor& cursor)
{
    for (const auto family : {DeviceFamily::cpu, DeviceFamily::npu, DeviceFamily::warboy})
        if (cursor.take(to_string(family)))
            return family;
    cursor.fail("cpu, npu or warboy is expected");
}

} // namespace

std::string_view to_string(DeviceFamily family) noexcept
{
    switch (family) {
    case DeviceFamily::cpu: return "cpu";
    case DeviceFamily::npu: return "npu";
    case DeviceFamily::warboy: return "warboy";
    }
    return "unknown";
}

DeviceConfig DeviceConfig::automatic()
{
    const char* variable = std::getenv("FURIOSA_DEVICES");
    return variable && *variable ? parse(variable) : parse("cpu");
}

DeviceConfig DeviceConfig::parse(std::string_view text)
{
    Cursor cursor(text);
    DeviceConfig config;
    config.request_.family = take_family(cursor);
    if (cursor.take("(")) {
        config.request_.fused = cursor.number();
        cursor.expect(")");
        cursor.expect("*");
        config.request_.count = cursor.number();
    } else if (cursor.take("*")) {
        config.request_.count = cursor.number();
    }
    if (!cursor.at_end())
        cursor.fail("nothing more is expected");
    return config;
}

DeviceConfig DeviceConfig::with_open_count(unsigned count) const noexcept
{
    auto config = *this;
    if (config.request_.count == 0)
        config.request_.count = count;
    return config;
}

std::string to_string(const DeviceConfig& config)
{
    const auto& request = config.request();
    if (request.count == 0)
        return std::string(to_string(request.family));
    return fmt::format("{}({})*{}", to_string(request.family), request.fused, request.count);
}

} // namespace furiosa::device
