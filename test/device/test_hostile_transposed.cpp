#include "device/reference_convolution.hpp"
#include "program/sample_program.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/core/tensor.hpp>
#include <furiosa/device/cpu/executor.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <functional>

using namespace furiosa;
using program::Location;
using program::OpKind;
using program::ProgramContent;

namespace {

using Integers = std::vector<std::int64_t>;

/// y = Relu(transposed convolution of x), of 16 channels, from 8 x 8 to 16 x 16. Operators 0 and 2 reorder x and y;
/// tensors are x, x as an image, weights, bias, y as an image, y.
ProgramContent transposed_content()
{
    ProgramContent content;
    content.target = device::cpu::target();
    content.arena_size = 5 * 4096;
    content.tensors = {test::tensor("x", Location::input, 0, {1, 16, 8, 8}),
                       test::tensor("x'", Location::arena, 0, {1, 16, 8, 8}),
                       test::tensor("w", Location::weight, 0, {16, 16, 2, 2}),
                       test::tensor("b", Location::weight, 4096, {16}),
                       test::tensor("y'", Location::arena, 4096, {1, 16, 16, 16}),
                       test::tensor("y", Location::output, 0, {1, 16, 16, 16})};
    content.tensors[1].format = content.tensors[4].format = "acdb";
    content.tensors[2].format = "ABcd16a16b";
    program::ProgramOperator op{OpKind::conv_transpose, "transposed", {1, 2, 3}, {4}, {}};
    op.attributes.set("bias", std::int64_t{1});
    op.attributes.set("activation", std::string("Relu"));
    for (const auto* name : {"strides", "kernel_shape"})
        op.attributes.set(name, Integers{2, 2});
    op.attributes.set("dilations", Integers{1, 1});
    for (const auto* name : {"pads_begin", "pads_end"})
        op.attributes.set(name, Integers{0, 0});
    content.operators = {{OpKind::reorder, "in", {0}, {1}, {}}, op, {OpKind::reorder, "out", {4}, {5}, {}}};
    content.inputs = {0};
    content.outputs = {5};
    const std::vector<float> weights(1024 + 16, 0.25f);
    std::vector<std::byte> bytes(weights.size() * sizeof(float));
    std::memcpy(bytes.data(), weights.data(), bytes.size());
    content.weights = SharedBytes::own(std::move(bytes));
    return content;
}

void load(const ProgramContent& content, unsigned threads)
{
    device::cpu::Executor(program::Program::open(serialize(content)), threads);
}

} // namespace

TEST_CASE("a program with a transposed convolution that fits runs")
{
    const unsigned threads = GENERATE(1, 2, 3);
    device::cpu::Executor executor(program::Program::open(serialize(transposed_content())), threads);
    Tensor x(DataType::float32, {1, 16, 8, 8});
    Tensor y(DataType::float32, {1, 16, 16, 16});
    const std::vector<ConstTensorView> inputs{x};
    const std::vector<TensorView> outputs{y};
    std::ranges::fill(x.as<float>(), 1.0f);
    executor.execute(inputs, outputs);
    for (const auto element : y.as<float>())
        CHECK(element == 16 * 0.25f + 0.25f);
}

TEST_CASE("a program with a transposed convolution that does not fit its tensors is refused")
{
    using Damage = std::function<void(ProgramContent&)>;
    const auto integers = [](const char* name, Integers values) -> Damage {
        return [=](ProgramContent& c) { c.operators[1].attributes.set(name, values); };
    };
    const auto shape = [](std::size_t tensor, Shape shape) -> Damage {
        return [=](ProgramContent& c) { c.tensors[tensor].desc.shape = shape; };
    };
    const std::vector<std::pair<std::string, Damage>> damages{
        {"weights of another rank", [](auto& c) { c.tensors[2].format = "", c.tensors[2].desc.shape = Shape{1024}; }},
        {"weights of two more axes",
         [](auto& c) { c.tensors[2].format = "", c.tensors[2].desc.shape = Shape{1, 1, 16, 16, 2, 2}; }},
        {"weights for fewer channels", shape(2, {8, 16, 2, 2})},
        {"weights for other outputs", shape(2, {16, 8, 2, 2})},
        {"a smaller kernel", shape(2, {16, 16, 1, 1})},
        {"a shorter bias", shape(3, {8})},
        {"a bias of another rank", shape(3, {1, 16})},
        {"a bias of another type", [](auto& c) { c.tensors[3].desc.data_type = DataType::int32; }},
        {"no bias", [](auto& c) { c.operators[1].inputs.pop_back(); }},
        {"no weights", [](auto& c) { c.operators[1].inputs.resize(1); }},
        {"weights left out", [](auto& c) { c.operators[1].inputs[1] = program::no_tensor; }},
        {"a bias that is not announced", [](auto& c) { c.operators[1].attributes.set("bias", std::int64_t{0}); }},
        {"a smaller source", shape(1, {1, 16, 7, 8})},
        {"fewer source channels", shape(1, {1, 8, 8, 8})},
        {"a source of another rank", [](auto& c) { c.tensors[1].format = "", c.tensors[1].desc.shape = Shape{16, 64}; }},
        {"a smaller destination", shape(4, {1, 16, 15, 16})},
        {"fewer destination channels", shape(4, {1, 8, 16, 16})},
        {"an unknown activation", [](auto& c) { c.operators[1].attributes.set("activation", std::string("Softmax")); }},
        {"no strides", integers("strides", {})},
        {"a stride of zero", integers("strides", {0, 2})},
        {"a negative stride", integers("strides", {-2, 2})},
        {"a stride that overflows", integers("strides", {INT64_MAX, 2})},
        {"a stride of another value in 32 bits", integers("strides", {(std::int64_t{1} << 32) + 2, 2})},
        {"another stride", integers("strides", {2, 1})},
        {"dilations of one axis", integers("dilations", {1})},
        {"a dilation of zero", integers("dilations", {0, 1})},
        {"a dilation that overflows", integers("dilations", {1, INT64_MIN})},
        {"another dilation", integers("dilations", {1, 2})},
        {"negative padding", integers("pads_begin", {-1, 0})},
        {"padding as wide as the window", integers("pads_begin", {2, 0})},
        {"padding that overflows", integers("pads_end", {0, INT64_MAX})},
        {"padding that cancels out", [](auto& c) {
             c.operators[1].attributes.set("pads_begin", Integers{1 << 20, 0});
             c.operators[1].attributes.set("pads_end", Integers{-(1 << 20), 0});
         }},
    };
    const unsigned threads = GENERATE(1, 2);
    for (const auto& [what, damage] : damages) {
        CAPTURE(threads, what);
        auto content = transposed_content();
        damage(content);
        CHECK_THROWS_ERRC(load(content, threads), errc::malformed_program);
    }
}
