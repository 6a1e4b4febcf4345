#include <furiosa/device/named_device.hpp>

#include <fmt/format.h>

namespace furiosa::device {

std::string_view to_string(DeviceFamily family) noexcept
{
    switch (family) {
    case DeviceFamily::automatic: return "auto";
    case DeviceFamily::cpu: return "cpu";
    case DeviceFamily::npu: return "npu";
    case DeviceFamily::warboy: return "warboy";
    }
    return "unknown";
}

std::string to_string(const NamedDevice& device)
{
    auto text = fmt::format("{}:{}", to_string(device.family), device.card);
    if (device.elements)
        text += fmt::format(":{}", device.elements->first);
    if (device.elements && device.elements->size() != 1)
        text += fmt::format("-{}", device.elements->last);
    return text;
}

bool overlap(const NamedDevice& one, const NamedDevice& other) noexcept
{
    if (one.family != other.family || one.card != other.card)
        return false;
    if (!one.elements || !other.elements)
        return true;
    return one.elements->first <= other.elements->last && other.elements->first <= one.elements->last;
}

} // namespace furiosa::device
