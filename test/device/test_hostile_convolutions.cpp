#include "device/convolution_program.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/core/tensor.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>

using namespace furiosa;
using program::ProgramContent;

namespace {

void load(const ProgramContent& content)
{
    device::cpu::Executor(program::Program::open(serialize(content)), 1);
}

} // namespace

TEST_CASE("a program with a convolution of our own that fits runs")
{
    if (!device::cpu::has_winograd())
        return;
    const std::string algorithm = GENERATE("winograd2", "winograd4", "pointwise");
    CAPTURE(algorithm);
    device::cpu::Executor executor(program::Program::open(serialize(test::convolution_content(algorithm))), 2);
    Tensor x(DataType::float32, {1, 16, 8, 8});
    Tensor y(DataType::float32, {1, 16, 8, 8});
    const std::vector<ConstTensorView> inputs{x};
    const std::vector<TensorView> outputs{y};
    std::ranges::fill(x.as<float>(), 0.0f); // what comes out is the bias
    executor.execute(inputs, outputs);
    for (const auto element : y.as<float>())
        CHECK(element == 0.25f);
}

TEST_CASE("a program with a convolution of our own that does not fit its tensors is refused")
{
    if (!device::cpu::has_winograd())
        return;
    const std::string algorithm = GENERATE("winograd2", "winograd4", "pointwise");
    const auto& [what, damage] = GENERATE(table<std::string, std::function<void(ProgramContent&)>>({
        {"fewer weights", [](auto& c) { c.tensors[2].desc.shape = Shape{16}; }},
        {"weights of another rank", [](auto& c) { c.tensors[2].desc.shape = Shape{c.tensors[2].desc.shape[0], 1}; }},
        {"weights of another type", [](auto& c) { c.tensors[2].desc.data_type = DataType::int32; }},
        {"a shorter bias", [](auto& c) { c.tensors[3].desc.shape = Shape{8}; }},
        {"no bias", [](auto& c) { c.operators[1].inputs.pop_back(); }},
        {"a dense source", [](auto& c) { c.tensors[1].format = ""; }},
        {"a dense destination", [](auto& c) { c.tensors[4].format = ""; }},
        {"pixels closer than their channels", [](auto& c) { c.tensors[4].format = "acdb/15"; }},
        {"pixels too far apart", [](auto& c) { c.tensors[4].format = "acdb/17"; }},
        {"pixels farther apart than there are numbers", [](auto& c) { c.tensors[4].format = "acdb/4611686018427387904"; }},
        {"pixels so far apart that their bytes are too many to count",
         [](auto& c) { c.tensors[4].desc.shape = Shape{1, 16, 1, 2}, c.tensors[4].format = "acdb/4611686018427387888"; }},
        {"rows so far apart",
         [](auto& c) { c.tensors[4].desc.shape = Shape{1, 16, 2, 1}, c.tensors[4].format = "acdb/4611686018427387888"; }},
        {"pixels some distance apart", [](auto& c) { c.tensors[4].format = "acdb/"; }},
        {"a distance that is no number", [](auto& c) { c.tensors[4].format = "acdb/16b"; }},
        {"a blocked destination", [](auto& c) { c.tensors[4].format = "aBcd16b"; }},
        {"a source of another rank", [](auto& c) { c.operators[1].inputs[0] = 3; }},
        {"too much padding", [](auto& c) { c.operators[1].attributes.set("pads_end", std::vector<std::int64_t>{1 << 20, 0}); }},
        {"negative padding", [](auto& c) { c.operators[1].attributes.set("pads_begin", std::vector<std::int64_t>{-9, -9}); }},
        {"no strides", [](auto& c) { c.operators[1].attributes.set("strides", std::vector<std::int64_t>{}); }},
        {"an unknown activation", [](auto& c) { c.operators[1].attributes.set("activation", std::string("Conv")); }},
        {"a residual that is the bias",
         [](auto& c) {
             c.operators[1].attributes.set("residual", std::int64_t{1});
             c.operators[1].inputs.push_back(3);
         }},
    }));
    // Strides mean nothing to Winograd's algorithm, padding nothing to the other.
    const bool winograd = algorithm != "pointwise";
    if (what == (winograd ? "no strides" : "negative padding") || (!winograd && what == "too much padding"))
        return;
    CAPTURE(algorithm, what);
    auto content = test::convolution_content(algorithm);
    damage(content);
    CHECK_THROWS_ERRC(load(content), errc::malformed_program);
}

TEST_CASE("strides that lead out of the image are refused")
{
    if (!device::cpu::has_winograd())
        return;
    auto content = test::convolution_content("pointwise");
    const auto strides = GENERATE(std::vector<std::int64_t>{2, 1}, std::vector<std::int64_t>{1, 9},
                                  std::vector<std::int64_t>{0, 1}, std::vector<std::int64_t>{-1, 1},
                                  std::vector<std::int64_t>{INT64_MAX, 1});
    content.operators[1].attributes.set("strides", strides);
    CHECK_THROWS_ERRC(load(content), errc::malformed_program);
}
