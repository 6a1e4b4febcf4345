#include "cli/exit_code.hpp"
#include "cli/settings.hpp"
#include "cli/table.hpp"
#include "core/json_writer.hpp"
#include "model/terminal_text.hpp"

#include <furiosa/core/error.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>
#include <future>
#include <optional>

namespace furiosa::cli {

namespace {

/// One model, and where its files are now.
struct Fetched
{
    Model model;
    std::vector<Artifact> artifacts;
};

std::vector<Artifact> artifacts_here(const Model& model)
{
    std::vector<Artifact> here;
    for (const auto& artifact : model.artifacts())
        if (artifact.bytes())
            here.push_back(artifact);
    return here;
}

std::string path_in(const store::Store& store, const Artifact& artifact)
{
    return store.locate(artifact.digest()).native();
}

void print_json(const std::vector<Fetched>& all, const store::Store& store)
{
    JsonWriter json;
    json.begin_array();
    for (const auto& [model, artifacts] : all)
        for (const auto& artifact : artifacts) {
            json.begin_object();
            json.field("model", model.name());
            json.field("version", model.version());
            json.field("kind", to_string(artifact.kind()));
            json.field("target", artifact.target());
            json.field("size", artifact.size());
            json.field("digest", to_string(artifact.digest()));
            json.field("path", path_in(store, artifact));
            json.end_object();
        }
    json.end_array();
    fmt::print("{}", json.take());
}

void print_table(const std::vector<Fetched>& all, const store::Store& store)
{
    Table table({"MODEL", "ARTIFACT", "TARGET", ">SIZE", "PATH"});
    for (const auto& [model, artifacts] : all)
        for (const auto& artifact : artifacts)
            table.add({model.name(), std::string(to_string(artifact.kind())), std::string(artifact.target()),
                       model::bytes_text(artifact.size()), path_in(store, artifact)});
    fmt::print("{}", table.text());
}

} // namespace

/// All models at once; one that fails keeps no other from coming, and the first failure gives the exit code.
int fetch(const Settings& settings, const std::vector<std::string>& names, bool all)
{
    Context context;
    auto& store = settings.open_store(context);
    std::vector<Fetched> fetched;
    int code = exit_code::done;
    {
        std::optional<ProgressBar> bar;
        if (!settings.quiet)
            bar.emplace();
        boost::asio::io_context loop(1); // one thread: the last progress comes before the model
        std::vector<std::future<Model>> loads;
        for (const auto& name : names) {
            auto options = settings.load_options(context);
            options.resolve = all ? Resolve::all : Resolve::source;
            if (bar)
                options.on_progress = bar->add(name);
            loads.push_back(boost::asio::co_spawn(loop, model::load_model(name, options), boost::asio::use_future));
        }
        loop.run();
        for (auto& load : loads) {
            try {
                const auto model = load.get();
                fetched.push_back({model, artifacts_here(model)});
            } catch (const Error& error) {
                fmt::print(stderr, "furiosa-models: {}\n", model::printable(error.what()));
                code = code == exit_code::done ? exit_code_of(error.code()) : code;
            }
        }
    }
    settings.json ? print_json(fetched, store) : print_table(fetched, store);
    return code;
}

} // namespace furiosa::cli
