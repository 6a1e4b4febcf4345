#include "device/npu/sensors.hpp"

#include "device/npu/hostile_files.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace furiosa::device::npu {

namespace {

/// How hwmon names the sensors of one kind, and in what part of the unit it counts.
struct Channel
{
    SensorKind kind;
    std::string_view prefix;
    std::string_view suffix;
    double parts;
};

constexpr std::array channels{
    Channel{SensorKind::temperature, "temp", "_input", 1e3},
    Channel{SensorKind::power, "power", "_average", 1e6},
    Channel{SensorKind::current, "curr", "_input", 1e3},
    Channel{SensorKind::voltage, "in", "_input", 1e3},
};

constexpr std::size_t max_folders = 16;
constexpr std::size_t max_sensors = 64; // of one kind in one folder

void read_channel(const std::filesystem::path& folder, const Channel& channel, std::vector<Sensor>& sensors)
{
    std::vector<unsigned> numbers;
    for (const auto& name : names_in(folder, channel.prefix))
        if (const auto number = number_between(name, channel.prefix, channel.suffix);
            number && numbers.size() < max_sensors)
            numbers.push_back(*number);
    std::ranges::sort(numbers);
    for (const auto number : numbers) {
        const auto name = fmt::format("{}{}", channel.prefix, number);
        const auto value = number_of<std::int64_t>(read_text(folder / fmt::format("{}{}", name, channel.suffix)));
        const auto label = read_text(folder / (name + "_label"));
        if (value)
            sensors.push_back(
                {channel.kind, label.empty() ? name : label, static_cast<double>(*value) / channel.parts});
    }
}

} // namespace

std::vector<Sensor> read_sensors(const std::filesystem::path& pci_device)
{
    auto folders = names_in(pci_device / "hwmon", "hwmon");
    folders.resize(std::min(folders.size(), max_folders));
    std::vector<Sensor> sensors;
    for (const auto& channel : channels)
        for (const auto& folder : folders)
            read_channel(pci_device / "hwmon" / folder, channel, sensors);
    return sensors;
}

} // namespace furiosa::device::npu
