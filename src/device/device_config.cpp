#include <furiosa/device/device_config.hpp>

#include "device/notation.hpp"

#include <furiosa/core/error.hpp>

#include <cstdlib>

namespace furiosa::device {

namespace {

std::string text_of(const NamedDevice& device)
{
    return to_string(device);
}

std::string text_of(const DeviceRequest& request)
{
    const auto family = to_string(request.family);
    return request.count ? fmt::format("{}({})*{}", family, request.fused, request.count) : std::string(family);
}

} // namespace

DeviceFamily family_of(const DeviceEntry& entry) noexcept
{
    return std::visit([](const auto& device) { return device.family; }, entry);
}

std::string to_string(const DeviceEntry& entry)
{
    return std::visit([](const auto& device) { return text_of(device); }, entry);
}

DeviceConfig DeviceConfig::automatic()
{
    for (const auto* name : {"FURIOSA_DEVICES", "NPU_DEVNAME"})
        if (const char* value = std::getenv(name); value && *value) {
            try {
                return parse(value);
            } catch (const Error& error) {
                throw error.within(fmt::format("${}", name));
            }
        }
    return {};
}

DeviceConfig DeviceConfig::parse(std::string_view text)
{
    DeviceConfig config;
    config.entries_ = read_notation(text);
    return config;
}

bool DeviceConfig::is_automatic() const noexcept
{
    return family_of(entries_.front()) == DeviceFamily::automatic;
}

bool DeviceConfig::is_cpu() const noexcept
{
    return family_of(entries_.front()) == DeviceFamily::cpu;
}

DeviceConfig DeviceConfig::with_open_count(unsigned count) const
{
    auto config = *this;
    for (auto& entry : config.entries_)
        if (auto* request = std::get_if<DeviceRequest>(&entry); request && request->count == 0)
            request->count = count;
    return config;
}

DeviceConfig DeviceConfig::with_family(DeviceFamily family) const
{
    auto config = *this;
    if (auto* request = std::get_if<DeviceRequest>(&config.entries_.front()); request && is_automatic())
        request->family = family;
    return config;
}

std::string to_string(const DeviceConfig& config)
{
    std::string text;
    for (const auto& entry : config.entries())
        text += (text.empty() ? "" : ",") + to_string(entry);
    return text;
}

} // namespace furiosa::device
