#include "compiler/compare_with_reference.hpp"

using namespace furiosa;
using program::OpKind;
using test::compare_with_reference;
using test::OnnxBuilder;
using test::random_tensor;

namespace {

bool has_own_kernels()
{
    return device::cpu::target().starts_with("cpu-avx512");
}

/// Scaled, so that sums over many channels stay about as large as what is summed.
Tensor weights(const Shape& shape, unsigned seed)
{
    const auto reach = 1.7f / std::sqrt(static_cast<float>(shape.element_count() / shape[0]));
    return random_tensor(shape, seed, -reach, reach);
}

} // namespace

TEST_CASE("convolutions of 3 x 3 are computed by Winograd's algorithm, tuned or by rule")
{
    const bool tune = GENERATE(false, true);
    OnnxBuilder builder;
    builder.input("x", {1, 32, 24, 24}).weight("w1", weights({48, 32, 3, 3}, 1)).weight("b1", random_tensor({48}, 2));
    builder.weight("w2", weights({32, 48, 3, 3}, 3));
    builder.node("Conv", {"x", "w1", "b1"}, {"a"}).ints("pads", {1, 1, 1, 1});
    builder.node("Relu", {"a"}, {"a_relu"});
    builder.node("Conv", {"a_relu", "w2"}, {"b"}).ints("pads", {1, 1, 1, 1});
    builder.node("Add", {"b", "x"}, {"sum"}).node("Relu", {"sum"}, {"y"}).output("y");
    const auto program = compare_with_reference(builder, {random_tensor({1, 32, 24, 24}, 9)}, tune);
    CHECK(test::count(program, OpKind::add) == 0);
    CHECK(test::count(program, OpKind::relu) == 0);
    if (has_own_kernels() && !tune)
        CHECK(test::count_algorithm(program, "winograd4") == 2);
}

TEST_CASE("convolutions of 1 x 1 are products of matrices")
{
    OnnxBuilder builder;
    builder.input("x", {1, 20, 9, 9}).weight("w1", weights({40, 20, 1, 1}, 1)).weight("b1", random_tensor({40}, 2));
    builder.weight("w2", weights({24, 40, 1, 1}, 3)).weight("w3", weights({24, 20, 1, 1}, 4));
    builder.node("Conv", {"x", "w1", "b1"}, {"a"}).ints("strides", {2, 2}).node("Sigmoid", {"a"}, {"s"});
    builder.node("Mul", {"a", "s"}, {"silu"}).node("Conv", {"silu", "w2"}, {"b"});
    builder.node("Conv", {"x", "w3"}, {"c"}).ints("strides", {2, 2}).node("Add", {"b", "c"}, {"y"}).output("y");
    const auto program = compare_with_reference(builder, {random_tensor({1, 20, 9, 9}, 9)});
    CHECK(test::count(program, OpKind::add) == 0);
    CHECK(test::count(program, OpKind::sigmoid) == 0);
    if (has_own_kernels())
        CHECK(test::count_algorithm(program, "pointwise") == 3);
}

TEST_CASE("other convolutions are oneDNN's, whatever number of threads the program was compiled with")
{
    const std::int64_t group = GENERATE(1, 2, 32);
    const std::int64_t kernel = GENERATE(3, 5);
    OnnxBuilder builder;
    builder.input("x", {1, 32, 17, 17}).weight("w", weights({64, 32 / group, kernel, kernel}, 1));
    builder.weight("b", random_tensor({64}, 2));
    builder.node("Conv", {"x", "w", "b"}, {"a"}).ints("strides", {2, 2}).integer("group", group).ints("pads", {1, 1, 2, 2});
    builder.node("LeakyRelu", {"a"}, {"y"}).output("y");
    const auto program = compare_with_reference(builder, {random_tensor({1, 32, 17, 17}, 9)});
    CHECK(test::count(program, OpKind::leaky_relu) == 0);
    CHECK(test::count_plain(program) == 0);
}

TEST_CASE("a convolution whose weights are computed is computed")
{
    OnnxBuilder builder;
    builder.input("x", {1, 16, 6, 6}).input("w", {16, 16, 3, 3}).input("v", {8, 16, 1, 1});
    builder.node("Conv", {"x", "w"}, {"a"}).node("Conv", {"a", "v"}, {"y"}).output("y");
    compare_with_reference(builder, {random_tensor({1, 16, 6, 6}, 1), random_tensor({16, 16, 3, 3}, 2, -.1f, .1f),
                                     random_tensor({8, 16, 1, 1}, 3)});
}

TEST_CASE("without tuning, the same model always becomes the same program")
{
    OnnxBuilder builder;
    builder.input("x", {1, 16, 12, 12}).weight("w", weights({16, 16, 3, 3}, 1));
    builder.node("Conv", {"x", "w"}, {"y"}).output("y");
    const auto bytes = builder.bytes();
    const auto onnx = std::as_bytes(std::span(bytes));
    const bool same = test::compile_for_cpu(onnx).bytes().text() == test::compile_for_cpu(onnx).bytes().text();
    CHECK(same);
}

TEST_CASE("tuning is a part of the key that a program is kept under")
{
    compiler::CompileOptions tuned;
    compiler::CompileOptions by_rule;
    by_rule.tune = false;
    CHECK(compiler::cache_key(tuned) != compiler::cache_key(by_rule));
}
