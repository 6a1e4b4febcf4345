// furiosa-models: models of a registry, the store that they are kept in, and inference, from the command line.

#include "cli/exit_code.hpp"
#include "cli/inference_commands.hpp"
#include "cli/settings.hpp"
#include "model/terminal_text.hpp"

#include <furiosa/core/error.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <functional>

namespace {

using namespace furiosa;
using cli::Settings;

constexpr auto footer = R"(Examples:
  furiosa-models list object-detection
  furiosa-models desc ResNet50
  furiosa-models fetch ResNet50 YOLOv5m@v5 --all
  furiosa-models --registry https://models.example.org fetch digits --json
  furiosa-models cache gc --max-size 10GB --max-age 30d
  furiosa-models registry publish /srv/models
  furiosa-models inspect model.onnx
  furiosa-models compile model.onnx -o model.enf --batch-size 8
  furiosa-models infer model.enf --input image=cat.npy --output-dir answers
  furiosa-models bench model.onnx --workload T --duration 10 --json

Exit codes:
  0  done               1  damage was found        2  wrong usage
  3  not found          4  network or server       5  wrong bytes, manifest or model
  6  store or disk      7  anything else           8  not supported here

Environment: FURIOSA_REGISTRY, FURIOSA_TOKEN, FURIOSA_CACHE_HOME, FURIOSA_CACHE_LAYERS, FURIOSA_OFFLINE,
FURIOSA_DEVICES, NPU_DEVNAME, FURIOSA_PROFILER_OUTPUT_PATH, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, NETRC, SSL_CERT_FILE.)";

/// What a subcommand does, once the command line is read.
using Run = std::function<int()>;

/// What the options are read into.
struct Arguments
{
    Settings settings;
    std::string task;
    std::string name;
    std::vector<std::string> names;
    bool all = false;
    bool remove = false;
    std::uint64_t max_size = UINT64_MAX;
    std::uint64_t max_age_seconds = UINT64_MAX;
    std::filesystem::path folder;
    cli::InferenceArguments inference;
};

void add_settings(CLI::App& app, Settings& settings)
{
    app.add_option("-r,--registry", settings.registry.uri,
                   "URI or folder of the registry; else $FURIOSA_REGISTRY, else the public zoo")
        ->type_name("URI");
    app.add_option("--mirror", settings.registry.mirrors, "Another place with the same files; may stand several times")
        ->type_name("URI")
        ->allow_extra_args(false);
    app.add_option("--cache", settings.cache, "Folder of the store; else $FURIOSA_CACHE_HOME, else ~/.cache/furiosa")
        ->type_name("DIR");
    auto* offline = app.add_flag_callback(
        "--offline", [&settings] { settings.registry.policy = Policy::offline; }, "Ask nothing over the network");
    app.add_flag_callback(
           "--prefer-cache", [&settings] { settings.registry.policy = Policy::prefer_cache; },
           "Take the manifest that was read last, if there is one")
        ->excludes(offline);
    app.add_flag("--json", settings.json, "JSON on standard output, for programs");
    app.add_flag("-q,--quiet", settings.quiet, "No progress");
}

void add_model_commands(CLI::App& app, Arguments& arguments, Run& run)
{
    const auto& settings = arguments.settings;
    auto* list = app.add_subcommand("list", "List the models of the registry");
    list->add_option("TASK", arguments.task, "Only those for this task, as object-detection");
    list->callback([&] { run = [&] { return cli::list(settings, arguments.task); }; });

    auto* desc = app.add_subcommand("desc", "Describe a model");
    desc->add_option("NAME", arguments.name, "Name, or name@version")->required();
    desc->callback([&] { run = [&] { return cli::desc(settings, arguments.name); }; });

    auto* fetch = app.add_subcommand("fetch", "Bring models into the store");
    fetch->add_option("NAME", arguments.names, "Names, or name@version")->required();
    fetch->add_flag("--all", arguments.all, "All artifacts, not only the ONNX or TFLite file");
    fetch->callback([&] { run = [&] { return cli::fetch(settings, arguments.names, arguments.all); }; });
}

store::GcLimits limits_of(const Arguments& arguments)
{
    store::GcLimits limits;
    limits.max_size = arguments.max_size;
    const auto longest = static_cast<std::uint64_t>(std::chrono::seconds::max().count());
    limits.max_age = std::chrono::seconds(static_cast<std::int64_t>(std::min(arguments.max_age_seconds, longest)));
    return limits;
}

void add_cache_commands(CLI::App& app, Arguments& arguments, Run& run)
{
    const auto& settings = arguments.settings;
    auto* cache = app.add_subcommand("cache", "The store of artifacts")->require_subcommand(1);
    cache->add_subcommand("ls", "List what is in the store")->callback([&] {
        run = [&] { return cli::cache_list(settings); };
    });
    cache->add_subcommand("path", "Say where the store is")->callback([&] {
        run = [&] { return cli::cache_path(settings); };
    });
    auto* verify = cache->add_subcommand("verify", "Digest everything anew; exits with 1 when something is damaged");
    verify->add_flag("--remove", arguments.remove, "Remove what is damaged");
    verify->callback([&] { run = [&] { return cli::cache_verify(settings, arguments.remove); }; });

    auto* gc = cache->add_subcommand("gc", "Remove what was not used lately, and what broken downloads have left");
    gc->add_option("--max-size", arguments.max_size, "Keep at most so much, as 500MB or 10GB")
        ->type_name("SIZE")
        ->transform(CLI::AsSizeValue(true));
    const std::map<std::string, std::uint64_t> units{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}, {"w", 604'800}};
    gc->add_option("--max-age", arguments.max_age_seconds, "Keep what was used within this time, as 12h or 30d")
        ->type_name("TIME")
        ->transform(CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::UNIT_REQUIRED));
    gc->callback([&] { run = [&] { return cli::cache_collect(settings, limits_of(arguments)); }; });
}

void add_registry_commands(CLI::App& app, Arguments& arguments, Run& run)
{
    auto* registry = app.add_subcommand("registry", "Registries of one's own")->require_subcommand(1);
    auto* publish = registry->add_subcommand(
        "publish", "Write artifacts.json for a folder of models, which any static web server can then serve");
    publish->add_option("DIR", arguments.folder, "The folder")->required();
    publish->callback([&] { run = [&] { return cli::publish(arguments.settings, arguments.folder); }; });
}

} // namespace

int main(int argc, char** argv)
{
    Arguments arguments;
    Run run;
    CLI::App app("Models of a registry, the store that they are kept in, and inference", "furiosa-models");
    app.set_version_flag("--version", FURIOSA_VERSION);
    app.footer(footer);
    app.require_subcommand(1);
    app.fallthrough(); // the options of all commands may stand behind the command too
    add_settings(app, arguments.settings);
    add_model_commands(app, arguments, run);
    add_cache_commands(app, arguments, run);
    add_registry_commands(app, arguments, run);
    cli::add_inference_commands(app, arguments.settings, arguments.inference, run);
    try {
        app.parse(argc, argv);
        return run();
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? cli::exit_code::done : cli::exit_code::usage;
    } catch (const Error& error) {
        fmt::print(stderr, "furiosa-models: {}\n", model::printable(error.what()));
        return cli::exit_code_of(error.code());
    } catch (const std::exception& error) {
        fmt::print(stderr, "furiosa-models: {}\n", model::printable(error.what()));
        return cli::exit_code::internal;
    }
}
