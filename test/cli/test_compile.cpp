#include "cli/inference_command_line.hpp"
#include "compiler/onnx_builder.hpp"

#include <furiosa/device/cpu/executor.hpp>
#include <furiosa/program/program.hpp>

namespace fs = std::filesystem;
using namespace furiosa;
using test::digits_model;
using test::has;

TEST_CASE("compile writes a program that can be opened, for the batch size and this machine")
{
    test::InferenceCommandLine line;
    const auto compiled = line.compile_digits("--batch-size 4");
    INFO(compiled.errors);
    CHECK(compiled.code == 0);
    CHECK(has(compiled.out, device::cpu::target()));
    const auto program = program::Program::open(SharedBytes::map(line.path("digits.enf")));
    CHECK(program.target() == device::cpu::target());
    CHECK(program.inputs()[0].shape == Shape{4, 1, 28, 28});
}

TEST_CASE("compile says in JSON what it made, and draws the graph")
{
    test::InferenceCommandLine line;
    const auto compiled =
        line.compile_digits("--json --target " + device::cpu::target() + " --dot-graph " + line.path("g.dot"));
    REQUIRE(compiled.code == 0);
    simdjson::dom::parser parser;
    const simdjson::dom::element document = parser.parse(compiled.out);
    CHECK(std::uint64_t(document["size"]) == fs::file_size(line.path("digits.enf")));
    CHECK(std::uint64_t(document["arena_size"]) > 0);
    CHECK(std::int64_t(document["batch_size"]) == 1);
    CHECK(has(std::string(SharedBytes::map(line.path("g.dot")).text()), "digraph"));
}

TEST_CASE("what cannot be compiled is refused, with an exit code of its own")
{
    test::InferenceCommandLine line;
    const auto foreign = line.compile_digits("--target warboy-2pe");
    CHECK(foreign.code == 8);
    CHECK(has(foreign.errors, "cannot compile for warboy-2pe: this machine's target is " + device::cpu::target()));
    CHECK_FALSE(fs::exists(line.path("digits.enf")));
    CHECK(line.run("compile " + digits_model).code == 2);
    CHECK(line.compile_digits("--batch-size 0").code == 2);
    CHECK(line.run("compile /no/such.onnx -o " + line.path("x")).code == 3);
    CHECK(line.run("compile " + line.folder.write("text.onnx", "text").native() + " -o " + line.path("x")).code == 5);
    CHECK(line.run("compile " + digits_model + " -o /no/such/folder/x").code == 6);
}

TEST_CASE("compile, infer and bench tell the compiler what is in a file")
{
    test::InferenceCommandLine line;
    test::OnnxBuilder onnx;
    onnx.symbolic_input("x", "width", {1}, 1).output("y").node("Neg", {"x"}, {"y"});
    const auto model = line.folder.write("model.onnx", onnx.bytes()).native();
    const auto config = " --compiler-config " + line.folder.write("wide.yaml", "dimensions: {width: 7}").native();
    const auto array = line.folder.write("x.npy", cli::to_npy(Tensor(DataType::float32, {1, 7}))).native();
    CHECK(line.run("compile " + model + " -o " + line.path("wide.enf")).code == 8); // the width is not known
    CHECK(line.run("compile " + model + " -o " + line.path("wide.enf") + config).code == 0);
    CHECK(program::Program::open(SharedBytes::map(line.path("wide.enf"))).inputs()[0].shape == Shape{1, 7});
    CHECK(line.run("infer " + model + " -i " + array + " --output-dir " + line.path("out") + config).code == 0);
    CHECK(line.run("bench " + model + " -n 1" + config).code == 0);
}

TEST_CASE("a bad compiler config is refused with its file and place")
{
    test::InferenceCommandLine line;
    const auto config = line.folder.write("bad.yaml", "tune: false\nthreads: 2").native();
    const auto refused = line.compile_digits("--compiler-config " + config);
    CHECK(refused.code == 2);
    CHECK(has(refused.errors, "bad.yaml: the compiler config, line 2, column 1: 'threads' is not known"));
    CHECK(line.run("bench " + digits_model + " --compiler-config " + config).code == 2);
    CHECK(line.compile_digits("--compiler-config /no/such/file").code == 3);
}
