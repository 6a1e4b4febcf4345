// Loads a model with the blocking API and prints what a Model knows.
//
//     loading_model [REGISTRY [NAME]]

#include <furiosa/furiosa.hpp>

#include <fmt/format.h>

int main(int argc, char** argv)
{
    try {
        const std::string registry = argc > 1 ? argv[1] : FURIOSA_EXAMPLES_REGISTRY;
        const std::string name = argc > 2 ? argv[2] : "digits";

        for (const auto& info : furiosa::blocking::list_models(registry))
            fmt::print("{} has {} ({})\n", registry, info.name, info.task);

        const auto model = furiosa::blocking::load_model(name, registry);
        fmt::print("{} {}, {}: {}\n", model.name(), model.version(), model.family(), model.metadata().description);
        for (const auto& input : model.inputs())
            fmt::print("  input  {}\n", to_string(input));
        for (const auto& output : model.outputs())
            fmt::print("  output {}\n", to_string(output));
        for (const auto& artifact : model.artifacts())
            fmt::print("  {} of {} bytes, {}\n", to_string(artifact.kind()), artifact.size(), to_string(artifact.digest()));
    } catch (const furiosa::Error& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
