#include "cli/exit_code.hpp"
#include "cli/settings.hpp"
#include "cli/table.hpp"
#include "core/json_writer.hpp"
#include "model/terminal_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace furiosa::cli {

namespace {

void write_tensors(JsonWriter& json, std::string_view key, const std::vector<TensorDesc>& tensors)
{
    json.key(key);
    json.begin_array();
    for (const auto& tensor : tensors)
        json.string(to_string(tensor));
    json.end_array();
}

void write_artifact(JsonWriter& json, const Artifact& artifact, const store::Store& store)
{
    json.begin_object();
    json.field("kind", to_string(artifact.kind()));
    json.field("target", artifact.target());
    json.field("size", artifact.size());
    json.field("digest", to_string(artifact.digest()));
    json.key("stored");
    json.boolean(store.find({artifact.digest(), artifact.size(), artifact.name()}).has_value());
    json.end_object();
}

void print_json(const Model& model, const store::Store& store)
{
    JsonWriter json;
    json.begin_object();
    json.field("name", model.name());
    json.field("version", model.version());
    json.field("task", model.task());
    json.field("family", model.family());
    json.field("format", model.format());
    json.field("description", model.metadata().description);
    json.field("publisher", model.metadata().publication.publisher);
    json.field("url", model.metadata().publication.url);
    json.field("registry", model.registry());
    json.key("tags");
    json.begin_object();
    for (const auto& [key, value] : model.tags())
        json.field(key, value);
    json.end_object();
    write_tensors(json, "inputs", model.inputs());
    write_tensors(json, "outputs", model.outputs());
    json.field("labels", model.labels().size());
    json.key("artifacts");
    json.begin_array();
    for (const auto& artifact : model.artifacts())
        write_artifact(json, artifact, store);
    json.end_array();
    json.end_object();
    fmt::print("{}", json.take());
}

void print_line(std::string_view name, std::string_view value)
{
    if (!value.empty())
        fmt::print("{:<12} {}\n", name, model::printable(value));
}

void print_text(const Model& model, const store::Store& store)
{
    const auto& publication = model.metadata().publication;
    print_line("name", model.name());
    print_line("version", model.version());
    print_line("description", model.metadata().description);
    print_line("task", model.task());
    print_line("family", model.family());
    print_line("format", model.format());
    print_line("authors", fmt::format("{}", fmt::join(publication.authors, ", ")));
    print_line("title", publication.title);
    print_line("publisher", publication.publisher);
    print_line("date", publication.date);
    print_line("url", publication.url);
    print_line("registry", model.registry());
    for (const auto& [key, value] : model.tags())
        print_line("tag", fmt::format("{}: {}", key, value));
    for (const auto& input : model.inputs())
        print_line("input", to_string(input));
    for (const auto& output : model.outputs())
        print_line("output", to_string(output));
    if (!model.labels().empty())
        print_line("labels", std::to_string(model.labels().size()));
    Table table({"ARTIFACT", "TARGET", ">SIZE", "DIGEST", "STORED"});
    for (const auto& artifact : model.artifacts()) {
        const bool stored = store.find({artifact.digest(), artifact.size(), artifact.name()}).has_value();
        table.add({std::string(to_string(artifact.kind())), std::string(artifact.target()),
                   model::bytes_text(artifact.size()), to_string(artifact.digest()), stored ? "yes" : "no"});
    }
    fmt::print("\n{}", table.text());
}

} // namespace

int desc(const Settings& settings, const std::string& name)
{
    Context context;
    const auto& store = settings.open_store(context);
    auto options = settings.load_options(context);
    options.resolve = Resolve::none;
    const auto model = blocking::load_model(name, options);
    settings.json ? print_json(model, store) : print_text(model, store);
    return exit_code::done;
}

} // namespace furiosa::cli
