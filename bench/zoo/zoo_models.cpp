// Writes architectures of the zoo as ONNX files, <name>.onnx, with random weights.
//
//     zoo_models DIR [NAME…]

#include "zoo/zoo.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

namespace {

void write(const std::filesystem::path& folder, const std::string& name)
{
    const auto model = zoo::make(name);
    const auto file = folder / (name + ".onnx");
    std::ofstream stream(file, std::ios::binary);
    if (!model.SerializeToOstream(&stream) || !stream.flush())
        throw std::runtime_error("cannot write " + file.native());
    const auto cost = zoo::cost_of(model);
    fmt::print("{:18} {:4} nodes {:6.1f} M parameters {:8.2f} G multiplications\n", name, model.graph().node_size(),
               static_cast<double>(cost.parameters) / 1e6, static_cast<double>(cost.multiplications) / 1e9);
}

} // namespace

int main(int argc, char** argv)
try {
    if (argc < 2) {
        fmt::print(stderr, "usage: zoo_models DIR [NAME...]\n");
        return 2;
    }
    const std::filesystem::path folder = argv[1];
    std::filesystem::create_directories(folder);
    const std::vector<std::string> names(argv + 2, argv + argc);
    for (const auto& name : names.empty() ? zoo::names() : names)
        write(folder, name);
} catch (const std::exception& error) {
    fmt::print(stderr, "zoo_models: {}\n", error.what());
    return 1;
}
