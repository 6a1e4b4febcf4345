#include "cli/inference_command_line.hpp"
#include "compiler/onnx_builder.hpp"

#include <furiosa/device/cpu/executor.hpp>

using namespace furiosa;
using test::digits_model;
using test::has;

TEST_CASE("inspect reads an ONNX model without compiling it")
{
    test::InferenceCommandLine line;
    test::OnnxBuilder onnx(17);
    onnx.symbolic_input("pixels", "N", {3, 8}).output("y").weight("w", Tensor(DataType::float32, {4}));
    onnx.node("NobodyKnows", {"pixels"}, {"a"}).node("Conv", {"a"}, {"b"}).node("Conv", {"b"}, {"y"});
    onnx.model().set_producer_name("a\x1b[31mtest");
    const auto file = line.folder.write("odd.onnx", onnx.bytes()).native();
    const auto text = line.run("inspect " + file);
    INFO(text.errors);
    CHECK(text.code == 0);
    CHECK(has(text.out, "pixels: float32[N, 3, 8]"));
    CHECK(has(text.out, "3: 2 Conv, 1 NobodyKnows"));
    CHECK(has(text.out, "ai.onnx 17"));
    CHECK_FALSE(has(text.out, "\x1b")); // files do not steer the terminal

    simdjson::dom::parser parser;
    const auto json = line.run("inspect --json " + file).out;
    const simdjson::dom::element document = parser.parse(json);
    CHECK(std::string_view(document["format"]) == "onnx");
    CHECK(std::uint64_t(document["operators"]["Conv"]) == 2);
    CHECK(std::uint64_t(document["opsets"]["ai.onnx"]) == 17);
    CHECK(std::uint64_t(document["ir_version"]) == 7);
    CHECK(std::string_view(document["inputs"].at(0)["shape"].at(0)) == "N");
    CHECK(std::int64_t(document["inputs"].at(0)["shape"].at(1)) == 3);
    CHECK(std::uint64_t(document["weights_size"]) >= 16);
}

TEST_CASE("inspect reads a program")
{
    test::InferenceCommandLine line;
    line.compile_digits();
    const auto text = line.run("inspect " + line.path("digits.enf"));
    CHECK(text.code == 0);
    CHECK(has(text.out, device::cpu::target()));
    CHECK(has(text.out, "probabilities: float32[1, 10]"));
    simdjson::dom::parser parser;
    const auto json = line.run("inspect --json " + line.path("digits.enf")).out;
    const simdjson::dom::element document = parser.parse(json);
    CHECK(std::string_view(document["format"]) == "enf");
    CHECK(std::uint64_t(document["arena_size"]) > 0);
    CHECK(std::uint64_t(document["operators"]["Conv"]) > 0);
}

TEST_CASE("inspect recognises the vendor's files and TFLite")
{
    test::InferenceCommandLine line;
    const std::string rest(64, 'x');
    const auto program = std::string("enf\x01\x02\x03\x04", 7) + rest;
    const auto enf = line.run("inspect " + line.folder.write("a.enf", program).native());
    CHECK(enf.code == 0);
    CHECK(has(enf.out, "warboy-enf"));
    CHECK(has(enf.out, "01020304"));
    CHECK(has(line.run("inspect " + line.folder.write("a.dfg", "dfg1234" + rest).native()).out, "warboy-dfg"));
    CHECK(has(line.run("inspect " + line.folder.write("a.tflite", "1234TFL3" + rest).native()).out, "tflite"));
}

TEST_CASE("inspect refuses what is damaged or unknown")
{
    test::InferenceCommandLine line;
    line.compile_digits();
    const auto program = std::string(SharedBytes::map(line.path("digits.enf")).text());
    CHECK(line.run("inspect " + line.folder.write("half.enf", program.substr(0, program.size() / 2)).native()).code == 5);
    const auto model = std::string(SharedBytes::map(digits_model).text());
    CHECK(line.run("inspect " + line.folder.write("half.onnx", model.substr(0, model.size() / 2)).native()).code == 5);
    CHECK(line.run("inspect " + line.folder.write("text", "text").native()).code == 5);
    CHECK(line.run("inspect " + line.folder.write("empty", "").native()).code == 5);
    CHECK(line.run("inspect /no/such/file").code == 3);
}

TEST_CASE("devices tells what there is, and what to compile for")
{
    test::InferenceCommandLine line;
    CHECK(has(line.run("devices").out, device::cpu::target()));
    simdjson::dom::parser parser;
    const auto json = line.run("devices --json").out;
    const simdjson::dom::element document = parser.parse(json);
    const auto cpu = document.at(0);
    CHECK(std::string_view(cpu["family"]) == "cpu");
    CHECK(std::string_view(cpu["target"]) == device::cpu::target());
    CHECK(std::uint64_t(cpu["elements"]) > 0);
    CHECK(std::uint64_t(cpu["threads"]) > 0);
    CHECK_FALSE(std::string_view(cpu["instruction_set"]).empty());
}
