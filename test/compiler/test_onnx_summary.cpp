#include "compiler/onnx_builder.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/compiler/onnx_summary.hpp>

#include <catch2/catch.hpp>

using namespace furiosa;
using compiler::summarize_onnx;

namespace {

compiler::OnnxSummary summary_of(const std::string& bytes)
{
    return summarize_onnx(std::as_bytes(std::span(bytes)));
}

} // namespace

TEST_CASE("a summary tells inputs, outputs, operators and weights, also of models that cannot be compiled")
{
    test::OnnxBuilder onnx(11);
    onnx.symbolic_input("x", "batch", {3}).input("w", {4}).output("y").weight("w", Tensor(DataType::float32, {4}));
    onnx.node("Mystery", {"x"}, {"a"}).node("Relu", {"a"}, {"b"}).node("Relu", {"b"}, {"y"});
    onnx.model().mutable_graph()->mutable_node(0)->set_domain("com.example");
    auto& nameless = *onnx.model().mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
    nameless.mutable_shape()->add_dim();
    nameless.set_elem_type(77);
    auto& sequence = *onnx.model().mutable_graph()->add_input();
    sequence.set_name("s");
    sequence.mutable_type()->mutable_sequence_type();

    const auto summary = summary_of(onnx.bytes());
    CHECK(summary.ir_version == 7);
    CHECK(summary.opsets.at("ai.onnx") == 11);
    REQUIRE(summary.inputs.size() == 2); // w is a weight
    CHECK(to_string(summary.inputs[0]) == "x: type 77[batch, 3, ?]");
    CHECK(to_string(summary.inputs[1]) == "s: sequence");
    CHECK(to_string(summary.outputs[0]) == "y: float32");
    CHECK(summary.operators.at("com.example.Mystery") == 1);
    CHECK(summary.operators.at("Relu") == 2);
    CHECK(summary.initializers == 1);
    CHECK(summary.weights_size >= 16);
    CHECK(summary.external == 0);
}

TEST_CASE("a damaged model has no summary, wherever it ends")
{
    const auto bytes = test::OnnxBuilder().input("x", {3}).output("y").node("Relu", {"x"}, {"y"}).bytes();
    CHECK_THROWS_ERRC(summary_of(""), errc::malformed_model);
    CHECK_THROWS_ERRC(summary_of("hello"), errc::malformed_model);
    for (std::size_t size = 0; size != bytes.size(); ++size)
        try {
            summary_of(bytes.substr(0, size)); // between two fields it is a shorter model
        } catch (const Error& error) {
            CHECK(error.code() == errc::malformed_model);
        }
}
