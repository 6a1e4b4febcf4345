// Writes architectures of the zoo as ONNX files, <name>.onnx, with random weights.
//
//     zoo_models [--input-size N] [--width W] DIR [NAME…]
//     zoo_models --list

#include "zoo/zoo.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace {

struct Arguments
{
    bool list = false;
    zoo::Options options;
    std::filesystem::path folder;
    std::vector<std::string> names;
};

Arguments parse(int argc, char** argv)
{
    Arguments result;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        const auto value = [&] {
            if (++i == argc)
                throw std::invalid_argument(word + " takes a value");
            return std::string(argv[i]);
        };
        if (word == "--list")
            result.list = true;
        else if (word == "--input-size")
            result.options.input_size = std::stoll(value());
        else if (word == "--width")
            result.options.width = std::stod(value());
        else if (result.folder.empty())
            result.folder = word;
        else
            result.names.push_back(word);
    }
    if (result.folder.empty() && !result.list)
        throw std::invalid_argument("a folder is needed");
    return result;
}

void write(const std::filesystem::path& folder, const std::string& name, const zoo::Options& options)
{
    const auto model = zoo::make(name, options);
    const auto file = folder / (name + ".onnx");
    std::ofstream stream(file, std::ios::binary);
    if (!model.SerializeToOstream(&stream) || !stream.flush())
        throw std::runtime_error("cannot write " + file.native());
    const auto cost = zoo::cost_of(model);
    fmt::print("{:18} {:4} nodes {:6.1f} M parameters {:8.2f} G multiplications\n", name,
               model.graph().node_size(), static_cast<double>(cost.parameters) / 1e6,
               static_cast<double>(cost.multiplications) / 1e9);
}

} // namespace

int main(int argc, char** argv)
try {
    const auto arguments = parse(argc, argv);
    if (arguments.list) {
        fmt::print("{}\n", fmt::join(zoo::names(), "\n"));
        return 0;
    }
    std::filesystem::create_directories(arguments.folder);
    for (const auto& name : arguments.names.empty() ? zoo::names() : arguments.names)
        write(arguments.folder, name, arguments.options);
} catch (const std::exception& error) {
    fmt::print(stderr, "zoo_models: {}\n", error.what());
    return 1;
}
