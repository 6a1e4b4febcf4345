#include "compiler/compare_with_reference.hpp"

using namespace furiosa;
using program::OpKind;
using test::compare_with_reference;
using test::OnnxBuilder;
using test::random_tensor;

namespace {

OnnxBuilder with_constants()
{
    OnnxBuilder builder;
    builder.input("x", {1, 4, 5, 5});
    const auto scalar = [&](const char* name, float value) {
        builder.weight(name, Tensor::of(Shape{}, std::span<const float>(&value, 1)));
    };
    scalar("zero", 0);
    scalar("three", 3);
    scalar("six", 6);
    scalar("sixth", 1.0f / 6);
    return builder;
}

program::Program check(OnnxBuilder& builder)
{
    return compare_with_reference(builder, {random_tensor({1, 4, 5, 5}, 3, -5, 5)});
}

} // namespace

TEST_CASE("x * Sigmoid(x) is recognized, whichever comes first")
{
    const bool swapped = GENERATE(false, true);
    auto builder = with_constants();
    builder.node("Sigmoid", {"x"}, {"s"});
    swapped ? builder.node("Mul", {"s", "x"}, {"y"}) : builder.node("Mul", {"x", "s"}, {"y"});
    builder.output("y");
    const auto program = check(builder);
    CHECK(test::count(program, OpKind::silu) == 1);
    CHECK(program.content().operators.size() == 1);
}

TEST_CASE("a Sigmoid that another node reads, or of another tensor, stays")
{
    auto builder = with_constants();
    builder.node("Sigmoid", {"x"}, {"s"}).node("Mul", {"x", "s"}, {"y"}).output("y").output("s");
    builder.node("Relu", {"x"}, {"r"}).node("Sigmoid", {"r"}, {"t"}).node("Mul", {"x", "t"}, {"z"}).output("z");
    CHECK(test::count(check(builder), OpKind::silu) == 0);
}

TEST_CASE("the ways in which HardSwish is written are recognized")
{
    const int way = GENERATE(0, 1, 2, 3);
    auto builder = with_constants();
    builder.node("Add", {"three", "x"}, {"a"}).node("Clip", {"a", "zero", "six"}, {"c"});
    if (way == 0)
        builder.node("Mul", {"x", "c"}, {"p"}).node("Div", {"p", "six"}, {"y"});
    else if (way == 1)
        builder.node("Mul", {"c", "x"}, {"p"}).node("Mul", {"sixth", "p"}, {"y"});
    else if (way == 2)
        builder.node("Div", {"c", "six"}, {"h"}).node("Mul", {"x", "h"}, {"y"});
    else
        builder.node("Mul", {"c", "sixth"}, {"h"}).node("Mul", {"h", "x"}, {"y"});
    builder.output("y");
    const auto program = check(builder);
    CHECK(test::count(program, OpKind::hard_swish) == 1);
    CHECK(program.content().operators.size() == 1);
}

TEST_CASE("what only looks like HardSwish stays")
{
    auto builder = with_constants();
    builder.node("Add", {"x", "six"}, {"a"}).node("Clip", {"a", "zero", "six"}, {"c"});
    builder.node("Mul", {"x", "c"}, {"p"}).node("Div", {"p", "six"}, {"y"}).output("y");
    CHECK(test::count(check(builder), OpKind::hard_swish) == 0);
}

TEST_CASE("functions of elements run on oneDNN and agree with their definitions")
{
    const std::string op = GENERATE("Abs", "Elu", "Exp", "HardSwish", "LeakyRelu", "Relu", "Sigmoid", "Tanh");
    OnnxBuilder builder(14);
    builder.input("x", {1, 4, 5, 5}).node(op, {"x"}, {"y"}).output("y");
    CHECK(test::count_plain(check(builder)) == 0);
}
