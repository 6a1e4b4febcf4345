#include "compiler/compare_with_reference.hpp"

// Products with a constant matrix are convolutions of 1 x 1 on the CPU device: many threads, bias and activation inside.

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

void check_product(const Shape& x, const Shape& w)
{
    CAPTURE(to_string(x), to_string(w));
    OnnxBuilder builder;
    std::vector<std::int64_t> extents(x.begin(), x.end());
    builder.input("x", extents).weight("w", random_tensor(w, 1)).weight("b", random_tensor({w[w.rank() - 1]}, 2));
    builder.node("MatMul", {"x", "w"}, {"xw"}).node("Add", {"xw", "b"}, {"sum"}).node("Relu", {"sum"}, {"y"}).output("y");
    const auto program = compare_with_reference(builder, {random_tensor(x, 3)});
    if (has_own_kernels() && w.rank() == 2) {
        CHECK(program.content().operators.size() == 1);
        CHECK(test::count_algorithm(program, "pointwise") == 1);
    }
}

} // namespace

TEST_CASE("a product with a constant matrix is one operator, whatever the rank of the other factor")
{
    check_product({1, 40}, {40, 24});
    check_product({3, 40}, {40, 24});
    check_product({2, 5, 33}, {33, 17});
    check_product({2, 3, 5, 16}, {16, 1});
    check_product({2, 3, 1, 1}, {1, 70});
}

TEST_CASE("large products agree with the reference: all threads work on the same rows")
{
    check_product({2, 512}, {512, 640});
    check_product({70, 256}, {256, 520});
}

TEST_CASE("products with more than a matrix, and of vectors, agree with the reference")
{
    check_product({2, 3, 8}, {2, 8, 4});
    check_product({3, 8}, {2, 8, 4});
    OnnxBuilder builder;
    builder.input("x", {40}).weight("w", random_tensor({40, 24}, 1)).node("MatMul", {"x", "w"}, {"y"}).output("y");
    compare_with_reference(builder, {random_tensor({40}, 2)});
}

TEST_CASE("a Gemm with a bias of one number, or of one for each row, agrees with the reference")
{
    for (const Shape& bias : {Shape{1}, Shape{5, 1}, Shape{5, 24}, Shape{1, 24}}) {
        OnnxBuilder builder;
        builder.input("x", {5, 40}).weight("w", random_tensor({24, 40}, 1)).weight("b", random_tensor(bias, 2));
        builder.node("Gemm", {"x", "w", "b"}, {"y"}).integer("transB", 1).output("y");
        compare_with_reference(builder, {random_tensor({5, 40}, 3)});
    }
}
