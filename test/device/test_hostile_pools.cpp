#include "program/sample_program.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/core/tensor.hpp>
#include <furiosa/device/cpu/executor.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>

using namespace furiosa;
using program::Location;
using program::OpKind;
using program::ProgramContent;

namespace {

using Integers = std::vector<std::int64_t>;

/// y = the largest of each two by two of x. Operators 0 and 2 reorder x and y; tensors are x, x as an image, y as an
/// image, y.
ProgramContent pool_content()
{
    ProgramContent content;
    content.target = device::cpu::target();
    content.arena_size = 8192;
    content.tensors = {
        test::tensor("x", Location::input, 0, {1, 16, 8, 8}), test::tensor("x'", Location::arena, 0, {1, 16, 8, 8}),
        test::tensor("y'", Location::arena, 4096, {1, 16, 4, 4}), test::tensor("y", Location::output, 0, {1, 16, 4, 4})};
    content.tensors[1].format = content.tensors[2].format = "acdb";
    program::ProgramOperator op{OpKind::max_pool, "pool", {1}, {2}, {}};
    for (const auto* name : {"strides", "kernel_shape"})
        op.attributes.set(name, Integers{2, 2});
    op.attributes.set("dilations", Integers{1, 1});
    for (const auto* name : {"pads_begin", "pads_end"})
        op.attributes.set(name, Integers{0, 0});
    content.operators = {{OpKind::reorder, "in", {0}, {1}, {}}, op, {OpKind::reorder, "out", {2}, {3}, {}}};
    content.inputs = {0};
    content.outputs = {3};
    return content;
}

} // namespace

TEST_CASE("a program with a pool that fits runs")
{
    const unsigned threads = GENERATE(1, 2, 3);
    device::cpu::Executor executor(program::Program::open(serialize(pool_content())), threads);
    Tensor x(DataType::float32, {1, 16, 8, 8});
    Tensor y(DataType::float32, {1, 16, 4, 4});
    for (std::size_t i = 0; i != x.as<float>().size(); ++i)
        x.as<float>()[i] = static_cast<float>(i % 64);
    const std::vector<ConstTensorView> inputs{x};
    const std::vector<TensorView> outputs{y};
    executor.execute(inputs, outputs);
    for (std::size_t i = 0; i != y.as<float>().size(); ++i)
        CHECK(y.as<float>()[i] == static_cast<float>(9 + i % 16 / 4 * 16 + i % 4 * 2));
}

TEST_CASE("a program with a pool whose window does not fit its tensors is refused")
{
    const unsigned threads = GENERATE(1, 2);
    const auto& [name, values] = GENERATE(table<std::string, Integers>({
        {"strides", {}},
        {"strides", {0, 2}},
        {"strides", {-2, 2}},
        {"strides", {1, 2}},
        {"strides", {INT64_MAX, 2}},
        {"strides", {(std::int64_t{1} << 32) + 2, 2}},
        {"kernel_shape", {0, 2}},
        {"kernel_shape", {-2, 2}},
        {"kernel_shape", {9, 2}},
        {"kernel_shape", {(std::int64_t{1} << 32) + 2, 2}},
        {"dilations", {0, 1}},
        {"dilations", {8, 1}},
        {"dilations", {INT64_MIN, 1}},
        {"pads_begin", {-1, 0}},
        {"pads_begin", {INT64_MAX, 0}},
        {"pads_begin", {std::int64_t{1} << 32, 0}},
        {"pads_end", {0, 8}},
        {"pads_end", {0, INT64_MAX}},
    }));
    CAPTURE(threads, name, values);
    auto content = pool_content();
    content.operators[1].attributes.set(name, values);
    CHECK_THROWS_ERRC(device::cpu::Executor(program::Program::open(serialize(content)), threads),
                      errc::malformed_program);
}

TEST_CASE("a program that resizes an image to nothing, however wide, is refused")
{
    auto content = pool_content();
    content.operators[1].kind = OpKind::resize;
    content.tensors[2].desc.shape = Shape{1, 16, std::int64_t{1} << 36, 0};
    CHECK_THROWS_ERRC(device::cpu::Executor(program::Program::open(serialize(content)), 1), errc::malformed_program);
}
