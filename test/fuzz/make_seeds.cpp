// make_seeds DIR: writes the seeds of the targets whose inputs depend on this library's own version or on the machine.
//
//     DIR/onnx      small models of many operators
//     DIR/program   programs for this machine
//     DIR/graph     choices

#include "compiler/cpu/lower.hpp"
#include "compiler/onnx_builder.hpp"
#include "random_graph.hpp"

#include <furiosa/compiler/compile.hpp>
#include <furiosa/compiler/passes.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/device/cpu/executor.hpp>
#include <furiosa/program/program.hpp>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>

using namespace furiosa;
using test::OnnxBuilder;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, std::string_view bytes)
{
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

Tensor counted(const Shape& shape)
{
    Tensor tensor(DataType::float32, shape);
    std::iota(tensor.as<float>().begin(), tensor.as<float>().end(), 0.f);
    return tensor;
}

/// One model an operator set, of operators that are written otherwise in each.
OnnxBuilder model(std::int64_t opset)
{
    OnnxBuilder builder(opset);
    builder.input("x", {1, 2, 4, 4}).weight("w", counted({2, 2, 3, 3})).weight("b", counted({2}));
    builder.node("Conv", {"x", "w", "b"}, {"c"}).ints("pads", {1, 1, 1, 1}).node("Relu", {"c"}, {"r"});
    builder.weight("v", counted({2, 2, 2, 2})).node("ConvTranspose", {"r", "v", "b"}, {"u"}).ints("strides", {2, 2});
    builder.node("MaxPool", {"u"}, {"p"}).ints("kernel_shape", {2, 2}).ints("strides", {2, 2});
    builder.node("Shape", {"p"}, {"s"}).node("Sigmoid", {"p"}, {"g"}).node("Mul", {"p", "g"}, {"m"});
    builder.node("Concat", {"m", "p"}, {"k"}).integer("axis", 1).node("Transpose", {"k"}, {"t"}).ints("perm", {0, 2, 3, 1});
    if (opset >= 13) {
        builder.integers("axes", {1}).integers("starts", {0}).integers("ends", {1}).integers("flat", {1, -1});
        builder.node("Slice", {"t", "starts", "ends", "axes"}, {"l"}).node("Reshape", {"l", "flat"}, {"f"});
    } else {
        builder.node("Slice", {"t"}, {"l"}).ints("axes", {1}).ints("starts", {0}).ints("ends", {1});
        builder.node("Flatten", {"l"}, {"f"}).integer("axis", 1);
    }
    builder.node("Softmax", {"f"}, {"y"}).integer("axis", 1).output("y").output("s");
    return builder;
}

void write_program(const fs::path& file, std::span<const std::uint8_t> choices)
{
    try {
        const auto graph = fuzz::random_graph(fuzz::Choices(choices));
        const auto bytes = serialize(compiler::lower_for_cpu(compiler::optimize(graph), {device::cpu::target(), false}));
        write(file, bytes.text());
    } catch (const Error&) {
        // refused: no seed
    }
}

/// Convolutions that write into the output of a Concat, by kernels of our own where the machine has them.
void write_concat_program(const fs::path& file)
{
    OnnxBuilder builder;
    builder.input("x", {1, 16, 4, 4}).weight("v", counted({16, 16, 1, 1})).weight("w", counted({16, 16, 3, 3}));
    builder.node("Conv", {"x", "v"}, {"a"}).node("Conv", {"a", "w"}, {"b"}).ints("pads", {1, 1, 1, 1});
    builder.node("Concat", {"a", "b"}, {"c"}).integer("axis", 1).node("Split", {"c"}, {"d", "e"}).integer("axis", 1);
    builder.node("Conv", {"d", "v"}, {"f"}).node("Conv", {"e", "v"}, {"g"}).node("Add", {"f", "g"}, {"y"}).output("y");
    compiler::CompileOptions options;
    options.target = device::cpu::target();
    options.tune = false;
    const auto onnx = builder.bytes();
    write(file, compiler::compile(std::as_bytes(std::span(onnx)), options).bytes().text());
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2)
        return 2;
    const fs::path root = argv[1];
    for (const std::int64_t opset : {6, 9, 11, 13, 18, 21})
        write(root / "onnx" / std::to_string(opset), model(opset).bytes());
    write_concat_program(root / "program" / "concat");
    std::mt19937 random(1);
    for (int i = 0; i != 60; ++i) {
        std::vector<std::uint8_t> choices(8 + random() % 56);
        for (auto& choice : choices)
            choice = static_cast<std::uint8_t>(random());
        write(root / "graph" / std::to_string(i), {reinterpret_cast<const char*>(choices.data()), choices.size()});
        write_program(root / "program" / std::to_string(i), choices);
    }
}
