// A random graph either compiles and agrees with the reference interpreter, or is refused.

#include "compiler/cpu/lower.hpp"
#include "random_graph.hpp"
#include "require.hpp"

#include <furiosa/compiler/passes.hpp>
#include <furiosa/compiler/reference.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/core/tensor.hpp>
#include <furiosa/device/cpu/executor.hpp>
#include <furiosa/program/program.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>

using namespace furiosa;

namespace {

std::vector<Tensor> random_inputs(const compiler::Graph& graph)
{
    std::mt19937 random(2);
    std::uniform_real_distribution<float> number(-1, 1);
    std::vector<Tensor> inputs;
    for (const auto id : graph.inputs) {
        inputs.emplace_back(DataType::float32, graph.shape(id));
        for (auto& element : inputs.back().as<float>())
            element = number(random);
    }
    return inputs;
}

std::optional<program::Program> compile(compiler::Graph graph)
{
    try {
        return program::Program::open(serialize(compiler::lower_for_cpu(compiler::optimize(std::move(graph)), {device::cpu::target(), false})));
    } catch (const Error& error) {
        REQUIRE(error.code() == errc::unsupported_operator || error.code() == errc::not_supported);
        return std::nullopt;
    }
}

std::vector<Tensor> run(const program::Program& program, std::span<const ConstTensorView> inputs)
{
    std::vector<Tensor> outputs;
    for (const auto& desc : program.outputs())
        outputs.emplace_back(desc.data_type, desc.shape);
    const std::vector<TensorView> views(outputs.begin(), outputs.end());
    device::cpu::Executor(program, 1).execute(inputs, views);
    return outputs;
}

/// By the largest element: sums may cancel.
bool agree(std::span<const float> got, std::span<const float> expected)
{
    if (got.size() != expected.size())
        return false;
    float largest = 1e-3f;
    for (const auto element : expected)
        largest = std::max(largest, std::abs(element));
    const bool is_finite = std::ranges::all_of(expected, [](float x) { return std::isfinite(x); });
    if (!is_finite || largest > 1e6f) // what overflows, or soon will, cannot be compared; nor the mean of nothing
        return true;
    return std::ranges::equal(got, expected,
                              [&](float a, float b) { return std::abs(a - b) <= 1e-3f * largest; });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto graph = fuzz::random_graph(fuzz::Choices({data, size}));
    const auto inputs = random_inputs(graph);
    const std::vector<ConstTensorView> views(inputs.begin(), inputs.end());
    const auto program = compile(graph);
    if (!program)
        return 0;
    const auto expected = compiler::evaluate(graph, views);
    std::vector<Tensor> got;
    try {
        got = run(*program, views);
    } catch (const Error&) {
        std::fputs(to_dot(graph).c_str(), stderr);
        throw;
    }
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i != got.size(); ++i) {
        REQUIRE(got[i].shape() == expected[i].shape());
        if (!agree(got[i].as<float>(), expected[i].as<float>()))
            std::fputs(to_dot(graph).c_str(), stderr);
        REQUIRE(agree(got[i].as<float>(), expected[i].as<float>()));
    }
    return 0;
}
