#include "support/throws_errc.hpp"

#include <furiosa/compiler/infer_shape.hpp>
#include <furiosa/operators/window.hpp>

#include <catch2/catch.hpp>

using namespace furiosa;
using compiler::Node;
using compiler::OpKind;
using Ints = std::vector<std::int64_t>;

namespace {

Node pool(Ints kernel, Ints strides)
{
    Node node;
    node.kind = OpKind::max_pool;
    node.name = "pool";
    node.attributes.set("kernel_shape", std::move(kernel));
    node.attributes.set("strides", std::move(strides));
    return node;
}

} // namespace

TEST_CASE("a window without attributes has stride one, no padding, no dilation")
{
    Node node;
    node.kind = OpKind::conv;
    const auto window = operators::window_of(compiler::operation_of(node), {1, 3, 10, 8}, {3, 3});
    CHECK(window.kernel == Ints{3, 3});
    CHECK(window.strides == Ints{1, 1});
    CHECK(window.dilations == Ints{1, 1});
    CHECK(window.output == Ints{8, 6});
}

TEST_CASE("SAME padding keeps ceil(input / stride), the odd one at the end or at the beginning")
{
    auto node = pool({3, 2}, {2, 1});
    node.attributes.set("auto_pad", std::string("SAME_UPPER"));
    const auto upper = operators::window_of(compiler::operation_of(node), {1, 1, 6, 5}, {});
    CHECK(upper.output == Ints{3, 5});
    CHECK(upper.pads_begin == Ints{0, 0});
    CHECK(upper.pads_end == Ints{1, 1});
    node.attributes.set("auto_pad", std::string("SAME_LOWER"));
    const auto lower = operators::window_of(compiler::operation_of(node), {1, 1, 6, 5}, {});
    CHECK(lower.pads_begin == Ints{1, 1});
    CHECK(lower.pads_end == Ints{0, 0});
}

TEST_CASE("VALID takes no padding")
{
    auto node = pool({3}, {1});
    node.attributes.set("auto_pad", std::string("VALID"));
    CHECK(operators::window_of(compiler::operation_of(node), {1, 1, 5}, {}).output == Ints{3});
}

TEST_CASE("ceil_mode adds the last, partial window")
{
    auto node = pool({2, 2}, {2, 2});
    CHECK(operators::window_of(compiler::operation_of(node), {1, 1, 5, 5}, {}).output == Ints{2, 2});
    node.attributes.set("ceil_mode", std::int64_t{1});
    CHECK(operators::window_of(compiler::operation_of(node), {1, 1, 5, 5}, {}).output == Ints{3, 3});
}

TEST_CASE("dilation widens the window")
{
    auto node = pool({3}, {1});
    node.attributes.set("dilations", Ints{2});
    CHECK(operators::window_of(compiler::operation_of(node), {1, 1, 9}, {}).output == Ints{5});
}

TEST_CASE("a window that cannot be is refused, by the name of its node")
{
    const auto refuse = [](Node node, const Shape& input) {
        try {
            operators::window_of(compiler::operation_of(node), input, {});
            FAIL_CHECK("it was accepted");
        } catch (const Error& error) {
            INFO(error.what());
            CHECK((error.code() == errc::invalid_shape || error.code() == errc::malformed_model));
            CHECK_THAT(error.what(), Catch::Contains("pool"));
        }
    };
    refuse(pool({3}, {1, 1}), {1, 1, 5});
    refuse(pool({0}, {1}), {1, 1, 5});
    refuse(pool({3}, {0}), {1, 1, 5});
    refuse(pool({-3}, {1}), {1, 1, 5});
    refuse(pool({9}, {1}), {1, 1, 5});
    auto pads = pool({3}, {1});
    pads.attributes.set("pads", Ints{1});
    refuse(pads, {1, 1, 5});
    auto negative = pool({3}, {1});
    negative.attributes.set("pads", Ints{-1, -1});
    refuse(negative, {1, 1, 5});
    auto huge = pool({1}, {1});
    huge.attributes.set("pads", Ints{INT64_MAX, INT64_MAX});
    refuse(huge, {1, 1, 5});
    auto unknown = pool({1}, {1});
    unknown.attributes.set("auto_pad", std::string("SAME_ISH"));
    refuse(unknown, {1, 1, 5});
}
