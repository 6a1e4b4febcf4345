#include <furiosa/device/npu/card.hpp>

#include <algorithm>

namespace furiosa::device::npu {

std::string_view to_string(FileState state) noexcept
{
    switch (state) {
    case FileState::free: return "free";
    case FileState::occupied: return "occupied";
    case FileState::inaccessible: return "inaccessible";
    }
    return "unknown";
}

std::string warboy_target(const NamedDevice& device)
{
    return device.elements && device.elements->size() == 1 ? "warboy" : "warboy-2pe";
}

bool is_warboy_target(std::string_view target, std::string_view of_device)
{
    return target == of_device || (target == "warboy-1pe" && of_device == "warboy");
}

std::string_view to_string(SensorKind kind) noexcept
{
    switch (kind) {
    case SensorKind::temperature: return "temperature";
    case SensorKind::power: return "power";
    case SensorKind::current: return "current";
    case SensorKind::voltage: return "voltage";
    }
    return "unknown";
}

std::string_view unit_of(SensorKind kind) noexcept
{
    switch (kind) {
    case SensorKind::temperature: return "°C";
    case SensorKind::power: return "W";
    case SensorKind::current: return "A";
    case SensorKind::voltage: return "V";
    }
    return "";
}

DeviceFamily Card::family() const noexcept
{
    return device_type == "Warboy" ? DeviceFamily::warboy : DeviceFamily::npu;
}

unsigned Card::element_count() const noexcept
{
    return static_cast<unsigned>(std::ranges::count_if(files, [](const DeviceFile& file) {
        return file.device.elements && file.device.elements->size() == 1;
    }));
}

FileState Card::state() const noexcept
{
    const auto has = [this](FileState state) {
        return std::ranges::any_of(files, [state](const DeviceFile& file) { return file.state == state; });
    };
    if (has(FileState::occupied))
        return FileState::occupied;
    return has(FileState::free) ? FileState::free : FileState::inaccessible;
}

std::optional<double> Card::highest(SensorKind kind) const noexcept
{
    std::optional<double> most;
    for (const auto& sensor : sensors)
        if (sensor.kind == kind && (!most || sensor.value > *most))
            most = sensor.value;
    return most;
}

} // namespace furiosa::device::npu
