#include "compiler/compare_with_reference.hpp"

using namespace furiosa;
using program::OpKind;
using test::compare_with_reference;
using test::OnnxBuilder;
using test::random_tensor;

TEST_CASE("a Transpose and its inverse go")
{
    OnnxBuilder builder;
    builder.input("x", {2, 3, 4, 5}).node("Transpose", {"x"}, {"a"}).ints("perm", {0, 2, 3, 1});
    builder.node("Transpose", {"a"}, {"b"}).ints("perm", {0, 3, 1, 2}).node("Relu", {"b"}, {"y"}).output("y");
    const auto program = compare_with_reference(builder, {random_tensor({2, 3, 4, 5}, 1)});
    CHECK(program.content().operators.size() == 1);
}

TEST_CASE("two transposes become one")
{
    OnnxBuilder builder;
    builder.input("x", {2, 3, 4, 5}).node("Transpose", {"x"}, {"a"}).ints("perm", {1, 2, 3, 0});
    builder.node("Transpose", {"a"}, {"y"}).ints("perm", {0, 2, 1, 3}).output("y");
    const auto program = compare_with_reference(builder, {random_tensor({2, 3, 4, 5}, 1)});
    CHECK(test::count(program, OpKind::transpose) == 1);
}

TEST_CASE("a Transpose that moves axes of extent 1 only is a Reshape, and reshapes of reshapes are one")
{
    OnnxBuilder builder;
    builder.input("x", {1, 6, 1, 4}).node("Transpose", {"x"}, {"a"}).ints("perm", {2, 1, 0, 3});
    builder.integers("s1", {3, 8}).integers("s2", {2, 12}).integers("s3", {4, 6});
    builder.node("Reshape", {"a", "s1"}, {"b"}).node("Reshape", {"b", "s2"}, {"c"}).node("Relu", {"c"}, {"d"});
    builder.node("Reshape", {"d", "s3"}, {"y"}).output("y").output("b");
    const auto program = compare_with_reference(builder, {random_tensor({1, 6, 1, 4}, 1)});
    CHECK(test::count(program, OpKind::transpose) == 0);
}
