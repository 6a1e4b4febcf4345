#include "compiler/onnx_builder.hpp"
#include "compiler/run_on_cpu.hpp"

#include <furiosa/compiler/import_onnx.hpp>
#include <furiosa/compiler/reference.hpp>

using namespace furiosa;
using test::OnnxBuilder;
using test::random_tensor;

namespace {

const Shape image{2, 8, 6, 6};

OnnxBuilder with_convolutions(std::initializer_list<const char*> names)
{
    OnnxBuilder builder;
    builder.input("x", {2, 8, 6, 6});
    unsigned seed = 1;
    for (const auto* name : names)
        builder.weight(std::string("w_") + name, random_tensor({8, 8, 3, 3}, seed++));
    return builder;
}

OnnxBuilder& conv(OnnxBuilder& builder, const std::string& input, const std::string& output)
{
    return builder.node("Conv", {input, "w_" + output}, {output}).ints("pads", {1, 1, 1, 1});
}

/// Compiles, runs, compares with the reference; gives the operators of the program.
std::vector<program::OpKind> check(const OnnxBuilder& builder)
{
    const auto bytes = builder.bytes();
    const auto onnx = std::as_bytes(std::span(bytes));
    const auto program = test::compile_for_cpu(onnx, 2);
    const auto input = random_tensor(image, 99);
    const std::vector<ConstTensorView> views{input};
    const auto got = test::run_on_cpu(program, views);
    const auto expected = compiler::evaluate(compiler::import_onnx(onnx, test::with_batch(2)), views);
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i != got.size(); ++i)
        CHECK(test::disagreement(got[i].as<float>(), expected[i].as<float>(), 1e-3, 1e-3) <= 1);
    std::vector<program::OpKind> kinds;
    for (const auto& op : program.content().operators)
        kinds.push_back(op.kind);
    return kinds;
}

} // namespace

TEST_CASE("a residual is added by the convolution, in its own place when nobody needs it any more")
{
    auto builder = with_convolutions({"a", "b", "c"});
    conv(builder, "x", "a");
    conv(builder, "a", "b").node("Relu", {"b"}, {"b_relu"});
    builder.node("Conv", {"b_relu", "w_c"}, {"c"}).ints("pads", {1, 1, 1, 1});
    builder.node("Add", {"c", "a"}, {"sum"}).node("Relu", {"sum"}, {"y"}).output("y");
    const auto kinds = check(builder);
    CHECK(std::ranges::count(kinds, program::OpKind::add) == 0);
    CHECK(std::ranges::count(kinds, program::OpKind::relu) == 0);
}

TEST_CASE("a residual that is read again later keeps its value")
{
    auto builder = with_convolutions({"a", "b", "c"});
    conv(builder, "x", "a");
    conv(builder, "a", "b").node("Add", {"b", "a"}, {"sum"});
    builder.node("Conv", {"sum", "w_c"}, {"c"}).ints("pads", {1, 1, 1, 1});
    builder.node("Add", {"c", "a"}, {"y"}).output("y");
    check(builder);
}

TEST_CASE("a residual that is an input or an output of the model is not written over")
{
    auto from_input = with_convolutions({"a"});
    conv(from_input, "x", "a").node("Add", {"x", "a"}, {"y"}).output("y");
    check(from_input);

    auto to_output = with_convolutions({"a", "b"});
    conv(to_output, "x", "a");
    conv(to_output, "a", "b").node("Add", {"a", "b"}, {"y"}).output("y").output("a");
    check(to_output);
}

TEST_CASE("the sum of two convolutions, and of a convolution with what it reads")
{
    auto two = with_convolutions({"a", "b"});
    conv(two, "x", "a");
    conv(two, "x", "b").node("Add", {"a", "b"}, {"y"}).output("y");
    check(two);

    auto self = with_convolutions({"a", "b"});
    conv(self, "x", "a");
    conv(self, "a", "b").node("Add", {"a", "b"}, {"sum"}).node("Relu", {"sum"}, {"y"}).output("y");
    check(self);

    auto doubled = with_convolutions({"a"});
    conv(doubled, "x", "a").node("Add", {"a", "a"}, {"y"}).output("y");
    check(doubled);
}

TEST_CASE("grouped and depthwise convolutions agree with the reference")
{
    for (const std::int64_t group : {2, 4, 8}) {
        OnnxBuilder builder;
        builder.input("x", {2, 8, 6, 6}).weight("w", random_tensor({8, 8 / group, 3, 3}, 3)).weight("b", random_tensor({8}, 4));
        builder.node("Conv", {"x", "w", "b"}, {"y"}).integer("group", group).ints("strides", {2, 1}).output("y");
        check(builder);
    }
}
