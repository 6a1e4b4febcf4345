#include "cli/exit_code.hpp"
#include "cli/settings.hpp"
#include "cli/table.hpp"
#include "core/json_writer.hpp"
#include "model/terminal_text.hpp"

#include <fmt/format.h>

namespace furiosa::cli {

namespace {

std::uint64_t total_size(const registry::ModelInfo& model)
{
    std::uint64_t bytes = 0;
    for (const auto& artifact : model.artifacts)
        bytes += artifact.size;
    return bytes;
}

void print_json(const std::vector<registry::ModelInfo>& models)
{
    JsonWriter json;
    json.begin_array();
    for (const auto& model : models) {
        json.begin_object();
        json.field("name", model.name);
        json.field("version", model.version);
        json.field("task", model.task);
        json.field("family", model.family);
        json.field("format", model.format);
        json.field("description", model.metadata.description);
        json.field("artifacts", model.artifacts.size());
        json.field("size", total_size(model));
        json.end_object();
    }
    json.end_array();
    fmt::print("{}", json.take());
}

} // namespace

int list(const Settings& settings, const std::string& task)
{
    Context context;
    settings.open_store(context);
    const auto models = blocking::list_models(settings.load_options(context), task);
    if (settings.json) {
        print_json(models);
        return exit_code::done;
    }
    Table table({"NAME", "VERSION", "TASK", "FORMAT", ">SIZE", "DESCRIPTION"});
    for (const auto& model : models)
        table.add({model.name, model.version, model.task, model.format, model::bytes_text(total_size(model)),
                   model.metadata.description});
    fmt::print("{}", table.text());
    return exit_code::done;
}

} // namespace furiosa::cli
