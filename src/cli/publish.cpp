#include "cli/exit_code.hpp"
#include "cli/settings.hpp"
#include "core/json_writer.hpp"
#include "model/terminal_text.hpp"

#include <furiosa/registry/publish.hpp>

#include <fmt/format.h>

namespace furiosa::cli {

namespace {

void write_names(JsonWriter& json, std::string_view key, const std::vector<std::string>& names)
{
    json.key(key);
    json.begin_array();
    for (const auto& name : names)
        json.string(name);
    json.end_array();
}

} // namespace

int publish(const Settings& settings, const std::filesystem::path& folder)
{
    const auto published = registry::publish(folder);
    if (settings.json) {
        JsonWriter json;
        json.begin_object();
        json.field("models", published.models);
        write_names(json, "files", published.files);
        write_names(json, "added", published.added);
        write_names(json, "removed", published.removed);
        json.key("changed");
        json.boolean(published.changed);
        json.end_object();
        fmt::print("{}", json.take());
        return exit_code::done;
    }
    for (const auto& name : published.added)
        fmt::print("added   {}\n", model::printable(name));
    for (const auto& name : published.removed)
        fmt::print("removed {}\n", model::printable(name));
    fmt::print("{}: {} models, {} files{}\n", (folder / "artifacts.json").native(), published.models,
               published.files.size(), published.changed ? "" : ", nothing has changed");
    return exit_code::done;
}

} // namespace furiosa::cli
