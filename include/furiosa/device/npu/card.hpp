#pragma once

#include <furiosa/device/named_device.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace furiosa::device::npu {

enum class FileState : std::uint8_t {
    free,
    occupied,     ///< somebody has it open, or an element of it
    inaccessible, ///< it cannot be opened: DeviceFile::reason
};

/// "free", "occupied", "inaccessible"
std::string_view to_string(FileState state) noexcept;

/// What is opened to work with a card, or with some of its processing elements.
struct DeviceFile
{
    NamedDevice device;
    std::filesystem::path path;
    FileState state = FileState::inaccessible;
    /// Why it is inaccessible: "Permission denied".
    std::string reason;
    /// What programs for it are compiled for, as "warboy". Empty: nobody knows.
    std::string target;
};

/// Programs for a Warboy are compiled for one element, "warboy", or for a fused pair, "warboy-2pe", as which all of a
/// card works, too.
std::string warboy_target(const NamedDevice& device);
/// Whether a program for `target`, as its manifest says, is for a Warboy of that target. The public model zoo calls
/// those for one element "warboy-1pe".
bool is_warboy_target(std::string_view target, std::string_view of_device);

enum class SensorKind : std::uint8_t { temperature, power, current, voltage };

/// "temperature", …
std::string_view to_string(SensorKind kind) noexcept;
/// "°C", "W", "A", "V"
std::string_view unit_of(SensorKind kind) noexcept;

struct Sensor
{
    SensorKind kind = SensorKind::temperature;
    /// What the driver calls it; else its name in hwmon, as "temp1".
    std::string label;
    /// In the unit of its kind.
    double value = 0;
};

/// An NPU, as devfs and sysfs tell of it. What they do not tell is empty.
struct Card
{
    /// Family npu, all of the card.
    NamedDevice device;
    std::string device_type; ///< "Warboy"
    std::string soc_rev;     ///< "B0"
    std::string pci_address; ///< "0000:6d:00.0"
    std::string serial_number;
    std::string uuid;
    std::string firmware;       ///< "1.6.0, c1bebfd"
    std::string driver_version; ///< of the kernel's driver
    std::optional<bool> alive;
    std::optional<unsigned> numa_node;
    std::vector<Sensor> sensors;
    /// All of the card first, then by their first element, and the wider ones last.
    std::vector<DeviceFile> files;

    /// What requests call it: warboy, else npu.
    DeviceFamily family() const noexcept;
    /// How many processing elements have a device file.
    unsigned element_count() const noexcept;
    /// Whether all of it is free, or how much is not.
    FileState state() const noexcept;
    /// The hottest, or whatever is the most, of the sensors of that kind.
    std::optional<double> highest(SensorKind kind) const noexcept;
};

} // namespace furiosa::device::npu
