#include "cli/devices.hpp"

#include "cli/exit_code.hpp"
#include "cli/table.hpp"
#include "core/json_writer.hpp"

#include <fmt/format.h>

namespace furiosa::cli {

namespace {

using device::DeviceInfo;
using device::npu::Card;
using device::npu::DeviceFile;
using device::npu::Sensor;
using device::npu::SensorKind;

std::string text_of(const std::optional<unsigned>& number)
{
    return number ? fmt::format("{}", *number) : "";
}

std::string text_of(const std::optional<double>& value)
{
    return value ? fmt::format("{:.1f}", *value) : "";
}

std::string text_of(const std::optional<bool>& flag)
{
    return flag ? (*flag ? "yes" : "no") : "";
}

std::string state_of(const DeviceFile& file)
{
    const auto state = to_string(file.state);
    return file.reason.empty() ? std::string(state) : fmt::format("{}: {}", state, file.reason);
}

/// What there is to name.
std::string device_table(const std::vector<DeviceInfo>& devices)
{
    Table table({"DEVICE", "FAMILY", ">ELEMENTS", ">THREADS", "TARGET", "INSTRUCTION SET", "STATE"});
    for (const auto& device : devices) {
        const auto family = std::string(to_string(device.family));
        const auto threads = device.card ? "" : fmt::format("{}", device.threads);
        const auto state = device.card ? std::string(to_string(device.card->state())) : "";
        table.add({device.name, family, fmt::format("{}", device.elements), threads, device.target,
                   device.instruction_set, state});
        if (device.card)
            for (const auto& file : device.card->files)
                if (const auto& elements = file.device.elements)
                    table.add({to_string(file.device), family, fmt::format("{}", elements->size()), "", file.target, "",
                               state_of(file)});
    }
    return table.text();
}

/// What the cards are, and how they are. Empty without any.
std::string card_table(const std::vector<DeviceInfo>& devices)
{
    Table table({"CARD", "TYPE", "FIRMWARE", "DRIVER", "PCI ADDRESS", ">NUMA NODE", "ALIVE", ">CELSIUS", ">WATTS"});
    bool any = false;
    for (const auto& device : devices) {
        if (!device.card)
            continue;
        any = true;
        const auto& card = *device.card;
        const bool space = !card.device_type.empty() && !card.soc_rev.empty();
        table.add({device.name, card.device_type + (space ? " " : "") + card.soc_rev, card.firmware,
                   card.driver_version, card.pci_address, text_of(card.numa_node), text_of(card.alive),
                   text_of(card.highest(SensorKind::temperature)), text_of(card.highest(SensorKind::power))});
    }
    return any ? "\n" + table.text() : "";
}

void write_files(JsonWriter& json, const Card& card)
{
    json.key("files");
    json.begin_array();
    for (const auto& file : card.files) {
        json.begin_object();
        json.field("name", to_string(file.device));
        json.field("path", file.path.native());
        json.field("elements", file.device.elements ? file.device.elements->size() : card.element_count());
        json.field("target", file.target);
        json.field("state", to_string(file.state));
        if (!file.reason.empty())
            json.field("reason", file.reason);
        json.end_object();
    }
    json.end_array();
}

void write_sensors(JsonWriter& json, const std::vector<Sensor>& sensors)
{
    json.key("sensors");
    json.begin_array();
    for (const auto& sensor : sensors) {
        json.begin_object();
        json.field("kind", to_string(sensor.kind));
        json.field("label", sensor.label);
        json.field("value", sensor.value);
        json.field("unit", unit_of(sensor.kind));
        json.end_object();
    }
    json.end_array();
}

void write_card(JsonWriter& json, const Card& card)
{
    json.field("state", to_string(card.state()));
    json.field("device_type", card.device_type);
    json.field("soc_rev", card.soc_rev);
    json.field("pci_address", card.pci_address);
    json.field("serial_number", card.serial_number);
    json.field("uuid", card.uuid);
    json.field("firmware", card.firmware);
    json.field("driver_version", card.driver_version);
    if (card.alive)
        json.field("alive", *card.alive);
    if (card.numa_node)
        json.field("numa_node", *card.numa_node);
    write_sensors(json, card.sensors);
    write_files(json, card);
}

std::string json_of(const std::vector<DeviceInfo>& devices)
{
    JsonWriter json;
    json.begin_array();
    for (const auto& device : devices) {
        json.begin_object();
        json.field("name", device.name);
        json.field("family", to_string(device.family));
        json.field("elements", device.elements);
        json.field("threads", device.threads);
        json.field("target", device.target);
        json.field("instruction_set", device.instruction_set);
        if (device.card)
            write_card(json, *device.card);
        json.end_object();
    }
    json.end_array();
    return json.take();
}

} // namespace

int devices(const Settings& settings, const device::npu::Roots& roots)
{
    const auto devices = blocking::list_devices(roots);
    fmt::print("{}", settings.json ? json_of(devices) : device_table(devices) + card_table(devices));
    return exit_code::done;
}

} // namespace furiosa::cli
