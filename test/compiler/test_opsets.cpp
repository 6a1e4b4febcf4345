#include "compiler/onnx_builder.hpp"
#include "compiler/run_on_cpu.hpp"

#include <furiosa/compiler/import_onnx.hpp>
#include <furiosa/compiler/reference.hpp>
#include <furiosa/core/error.hpp>

#include <algorithm>

using namespace furiosa;
using test::OnnxBuilder;

namespace {

using Floats = std::vector<float>;

compiler::Graph import(const OnnxBuilder& builder, const compiler::ImportOptions& options = {})
{
    const auto bytes = builder.bytes();
    return compiler::import_onnx(std::as_bytes(std::span(bytes)), options);
}

/// The first output for inputs of 0, 1, 2, …
Floats answer(const OnnxBuilder& builder)
{
    const auto graph = import(builder);
    std::vector<Tensor> inputs;
    for (const auto id : graph.inputs) {
        inputs.emplace_back(DataType::float32, graph.shape(id));
        float next = 0;
        for (auto& element : inputs.back().as<float>())
            element = next++;
    }
    const auto outputs = compiler::evaluate(graph, std::vector<ConstTensorView>(inputs.begin(), inputs.end()));
    const auto elements = outputs[0].as<float>();
    return {elements.begin(), elements.end()};
}

} // namespace

TEST_CASE("before operator set 7 the second operand of an Add lay along an axis that was named")
{
    OnnxBuilder builder(6);
    builder.input("x", {2, 3}).input("b", {2}).node("Add", {"x", "b"}, {"y"}).integer("broadcast", 1).integer("axis", 0).output("y");
    CHECK(answer(builder) == Floats{0, 1, 2, 4, 5, 6});
}

TEST_CASE("before operator set 7 the slope of a PRelu was one number a channel")
{
    OnnxBuilder builder(6);
    builder.input("x", {1, 2, 1, 2}).input("slope", {2}).node("Neg", {"x"}, {"n"}).node("PRelu", {"n", "slope"}, {"y"}).output("y");
    CHECK(answer(builder) == Floats{0, 0, -2, -3});
}

TEST_CASE("before operator set 13 Softmax worked on a matrix")
{
    OnnxBuilder builder(11);
    builder.input("x", {1, 2, 2}).node("Softmax", {"x"}, {"s"}).integer("axis", 1).node("ReduceSum", {"s"}, {"y"}).ints("axes", {1, 2}).output("y");
    REQUIRE(answer(builder).size() == 1);
    CHECK(answer(builder)[0] == Approx(1));
}

TEST_CASE("shapes that are computed from shapes are known at compile time")
{
    OnnxBuilder builder(13);
    builder.symbolic_input("x", "N", {4, 2})
        .node("Shape", {"x"}, {"shape"})
        .integers("zero", {0})
        .node("Gather", {"shape", "zero"}, {"batch"})
        .integers("rest", {-1})
        .node("Concat", {"batch", "rest"}, {"wanted"})
        .integer("axis", 0)
        .node("Reshape", {"x", "wanted"}, {"y"})
        .output("y");
    const auto graph = import(builder, test::with_batch(3));
    CHECK(graph.shape(graph.outputs[0]) == Shape{3, 8});
    CHECK(graph.nodes.size() == 1);
}

TEST_CASE("a dynamic dimension is bound by its name")
{
    OnnxBuilder builder(13);
    builder.symbolic_input("x", "length", {3}, 1).node("Relu", {"x"}, {"y"}).output("y");
    compiler::ImportOptions options;
    options.dimensions["length"] = 7;
    const auto graph = import(builder, options);
    CHECK(std::ranges::count(graph.shape(graph.outputs[0]), 7) == 1);
}

TEST_CASE("an input that decides about shapes is an error that names it, until it is bound to a constant")
{
    OnnxBuilder builder(13);
    builder.input("x", {2, 3}).input("shape", {1}).node("Reshape", {"x", "shape"}, {"y"}).output("y");
    builder.model().mutable_graph()->mutable_input(1)->mutable_type()->mutable_tensor_type()->set_elem_type(
        onnx::TensorProto::INT64);
    try {
        import(builder);
        FAIL_CHECK("it was imported");
    } catch (const Error& error) {
        CHECK(error.code() == errc::dynamic_dimension);
        CHECK_THAT(error.what(), Catch::Contains("'shape'") && Catch::Contains("'y'"));
    }
    compiler::ImportOptions options;
    const std::int64_t six = 6;
    options.constants.emplace("shape", Tensor::of(Shape{1}, std::span(&six, 1)));
    const auto graph = import(builder, options);
    CHECK(graph.inputs.size() == 1);
    CHECK(graph.shape(graph.outputs[0]) == Shape{6});
}

TEST_CASE("a model of float16 is computed in float32, between casts at its edges")
{
    OnnxBuilder builder(13);
    builder.input("x", {2}).node("Exp", {"x"}, {"e"}).node("Relu", {"e"}, {"y"}).output("y");
    builder.model().mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
        onnx::TensorProto::FLOAT16);
    const auto graph = import(builder);
    CHECK(graph.at(graph.inputs[0]).desc.data_type == DataType::float16);
    CHECK(graph.at(graph.outputs[0]).desc.data_type == DataType::float16);
    CHECK(std::ranges::count(graph.nodes, compiler::OpKind::cast, &compiler::Node::kind) == 2);
}

TEST_CASE("what a few bytes could blow up is left to run time, or refused")
{
    OnnxBuilder huge(13);
    huge.integers("shape", {1 << 20, 1 << 20}).node("ConstantOfShape", {"shape"}, {"y"}).output("y");
    const auto graph = import(huge);
    CHECK_FALSE(graph.is_constant(graph.outputs[0]));

    OnnxBuilder impossible(13);
    impossible.integers("shape", {INT64_MAX, 16}).node("ConstantOfShape", {"shape"}, {"y"}).output("y");
    CHECK_THROWS_AS(import(impossible), Error);
}
