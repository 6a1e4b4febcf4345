#include "cli/exit_code.hpp"
#include "cli/settings.hpp"
#include "cli/table.hpp"
#include "core/json_writer.hpp"

#include <furiosa/device/list_devices.hpp>

#include <fmt/format.h>

namespace furiosa::cli {

int devices(const Settings& settings)
{
    Table table({"DEVICE", "FAMILY", ">ELEMENTS", ">THREADS", "TARGET", "INSTRUCTION SET"});
    JsonWriter json;
    json.begin_array();
    for (const auto& device : device::list_devices()) {
        const auto family = std::string(to_string(device.family));
        table.add({device.name, family, fmt::format("{}", device.elements), fmt::format("{}", device.threads),
                   device.target, device.instruction_set});
        json.begin_object();
        json.field("name", device.name);
        json.field("family", family);
        json.field("elements", device.elements);
        json.field("threads", device.threads);
        json.field("target", device.target);
        json.field("instruction_set", device.instruction_set);
        json.end_object();
    }
    json.end_array();
    fmt::print("{}", settings.json ? json.take() : table.text());
    return exit_code::done;
}

} // namespace furiosa::cli
