#include "cli/inference_command_line.hpp"
#include "compiler/onnx_builder.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fs = std::filesystem;
using namespace furiosa;
using test::digits_model;
using test::has;

namespace {

/// difference = a/x - b=y, and the two names are as unkind as names may be.
struct Subtraction : test::InferenceCommandLine
{
    explicit Subtraction(const std::string& output = "out/difference")
    {
        test::OnnxBuilder onnx;
        onnx.input("a/x", {2}).input("b=y", {2}).output(output);
        onnx.node("Sub", {"a/x", "b=y"}, {output});
        model = folder.write("sub.onnx", onnx.bytes()).native();
        write("five.npy", 5);
        write("two.npy", 2);
    }

    void write(const std::string& name, float value) const
    {
        Tensor tensor(DataType::float32, {2});
        std::ranges::fill(tensor.as<float>(), value);
        folder.write(name, cli::to_npy(tensor));
    }

    test::Result infer(const std::string& arguments) const
    {
        return run("infer " + model + " --output-dir " + path("out") + " " + arguments);
    }
    float answer(const std::string& file) const { return cli::read_npy(path("out/" + file)).as<float>()[0]; }

    std::string model;
};

} // namespace

TEST_CASE("infer answers with one array for each output, for a program as for the model")
{
    test::InferenceCommandLine line;
    const auto image = line.write_images("image.npy", 0.5f);
    const auto from_model =
        line.run("infer " + digits_model + " --input " + image + " --output-dir " + line.path("a/b"));
    INFO(from_model.errors);
    CHECK(from_model.code == 0);
    CHECK(has(from_model.out, "probabilities"));
    const auto answer = cli::read_npy(line.path("a/b/probabilities.npy"));
    CHECK(answer.shape() == Shape{1, 10});
    const auto scores = answer.as<float>();
    CHECK(std::accumulate(scores.begin(), scores.end(), 0.f) == Approx(1));

    line.compile_digits();
    const auto from_program = line.run("infer " + line.path("digits.enf") + " --input image=" + image + " --output-dir " +
                                       line.path("c") + " --device 'cpu(1)*1'");
    INFO(from_program.errors);
    CHECK(from_program.code == 0);
    // Two compilations may choose other algorithms, which round otherwise.
    const auto other = cli::read_npy(line.path("c/probabilities.npy"));
    CHECK(std::ranges::equal(scores, other.as<float>(), [](float a, float b) { return std::abs(a - b) < 1e-5f; }));
}

TEST_CASE("infer binds the leading dimension")
{
    test::InferenceCommandLine line;
    const auto images = line.write_images("images.npy", 0.1f, 3);
    const auto result = line.run("infer " + digits_model + " -b 3 --json --input " + images + " --output-dir " +
                                 line.path("out"));
    REQUIRE(result.code == 0);
    CHECK(cli::read_npy(line.path("out/probabilities.npy")).shape() == Shape{3, 10});
    simdjson::dom::parser parser;
    const simdjson::dom::element document = parser.parse(result.out);
    CHECK(std::string_view(document.at(0)["path"]) == line.path("out/probabilities.npy"));
}

TEST_CASE("inputs are bound by position, by name, or by both")
{
    Subtraction line;
    CHECK(line.infer("--input " + line.path("five.npy") + " --input " + line.path("two.npy")).code == 0);
    CHECK(line.answer("out_difference.npy") == 3);
    CHECK(line.infer("--input b=y=" + line.path("five.npy") + " --input " + line.path("two.npy")).code == 0);
    CHECK(line.answer("out_difference.npy") == -3);
    CHECK(line.infer("--input b=y=" + line.path("two.npy") + " --input a/x=" + line.path("two.npy")).code == 0);
    CHECK(line.answer("out_difference.npy") == 0);
}

TEST_CASE("output names cannot leave the folder")
{
    Subtraction line("../../escaped");
    CHECK(line.infer("--input " + line.path("five.npy") + " --input " + line.path("two.npy")).code == 0);
    CHECK(line.answer(".._.._escaped.npy") == 3);
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(line.path("out")))
        ++files;
    CHECK(files == 1);
}

TEST_CASE("outputs that would overwrite each other are refused")
{
    test::InferenceCommandLine line;
    test::OnnxBuilder onnx;
    onnx.input("x", {2}).output("a/b").output("a_b");
    onnx.node("Relu", {"x"}, {"a/b"}).node("Sigmoid", {"x"}, {"a_b"});
    const auto model = line.folder.write("two.onnx", onnx.bytes()).native();
    const auto result = line.run("infer " + model + " --output-dir " + line.path("out"));
    CHECK(result.code == 2);
    CHECK(has(result.errors, "'a/b' and 'a_b' would both be written to 'a_b.npy'"));
}

TEST_CASE("wrong inputs are refused, the sentence says which are expected")
{
    Subtraction line;
    const auto two = line.path("two.npy");
    const auto missing = line.infer("--input " + two);
    CHECK(missing.code == 2);
    CHECK(has(missing.errors, "expected the inputs 'a/x', 'b=y', got 'a/x': 'b=y' is missing"));
    const auto many = line.infer("--input " + two + " --input " + two + " --input " + two);
    CHECK(many.code == 2);
    CHECK(has(many.errors, "3 inputs were given, the model has 2"));
    CHECK(line.infer("--input a/x=" + two + " --input a/x=" + two).code == 2);
    CHECK(line.infer("--input c=" + two + " --input " + two).code == 3); // no such file as c=…
    CHECK(line.infer("--input " + line.folder.write("text.npy", "text").native() + " --input " + two).code == 5);
    const auto shape = line.infer("--input " + line.write_images("image.npy", 1) + " --input " + two);
    CHECK(shape.code == 2);
    CHECK(has(shape.errors, "expected float32[2], got float32[1, 1, 28, 28]"));
    CHECK(line.infer("--device 'quantum(1)*1'").code == 2);
    CHECK(line.infer("--device npu:63:0").code == 8);
}
