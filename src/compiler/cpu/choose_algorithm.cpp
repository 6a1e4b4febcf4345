#include "compiler/cpu/choose_algorithm.hpp"

#include "device/cpu/winograd/winograd.hpp"

#include <furiosa/core/tensor.hpp>
#include <furiosa/device/cpu/executor.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>

namespace furiosa::compiler {

namespace {

namespace cpu = device::cpu;
using Duration = std::chrono::steady_clock::duration;

constexpr std::array<std::string_view, 3> algorithms{"direct", "winograd2", "winograd4"};
constexpr int rounds = 7;

/// One round in three is undisturbed even on a busy machine; what other layers leave of the caches is
/// modelled by writing as much memory as they hold.
class Caches
{
public:
    void evict()
    {
        for (std::size_t i = 0; i < memory_.size(); i += 64)
            memory_[i] = static_cast<char>(memory_[i] + 1);
    }

private:
    std::vector<char> memory_ = std::vector<char>(48 * 1024 * 1024);
};

Tensor noise(const Shape& shape)
{
    Tensor tensor(DataType::float32, shape);
    std::uint32_t state = 1;
    for (auto& element : tensor.as<float>()) {
        state = state * 1664525 + 1013904223;
        element = static_cast<float>(state >> 8) / static_cast<float>(1 << 24) - 0.5f;
    }
    return tensor;
}

/// The convolution alone, of constants: then nothing but itself is in the program.
Graph alone(const Graph& graph, const Node& node)
{
    Graph single;
    Node copy = node;
    copy.inputs.resize(std::min<std::size_t>(node.inputs.size(), 3)); // a residual costs all of them the same
    for (auto& input : copy.inputs)
        if (input != no_value)
            input = single.add_constant(graph.at(input).desc.name, noise(graph.shape(input)));
    Value output;
    output.desc = graph.at(node.outputs[0]).desc;
    copy.outputs = {single.add(std::move(output))};
    single.nodes.push_back(std::move(copy));
    return single;
}

Duration time_of(cpu::Executor& executor)
{
    const auto start = std::chrono::steady_clock::now();
    executor.execute({}, {});
    return std::chrono::steady_clock::now() - start;
}

/// As measured on large images and on small ones; what timing would say most of the time.
std::string by_rule(const Shape& input, const Shape& output)
{
    const auto smaller = std::min(output[2], output[3]);
    const bool strided = output[2] < input[2] - 2;
    if (smaller >= 20)
        return "winograd4";
    return smaller >= 4 && !strided ? "winograd2" : "direct";
}

std::string fastest(const Graph& graph, const Node& node, const LoweringOptions& options)
{
    const auto single = alone(graph, node);
    std::vector<cpu::Executor> executors;
    for (const auto algorithm : algorithms)
        executors.emplace_back(program::Program::open(serialize(
                                   lower_for_cpu(single, {options.target, false, std::string(algorithm)}))),
                               1);
    Caches caches;
    std::vector<Duration> best(executors.size(), Duration::max());
    for (int round = 0; round != rounds; ++round)
        for (std::size_t i = 0; i != executors.size(); ++i) {
            caches.evict();
            best[i] = std::min(best[i], time_of(executors[i]));
        }
    const auto rule = by_rule(graph.shape(node.inputs[0]), graph.shape(node.outputs[0]));
    const auto fastest = static_cast<std::size_t>(std::ranges::min_element(best) - best.begin());
    const auto ruled = static_cast<std::size_t>(std::ranges::find(algorithms, rule) - algorithms.begin());
    return best[fastest] < best[ruled] * 19 / 20 ? std::string(algorithms[fastest])
                                                 : rule; // less may be chance
}

} // namespace

bool suits_winograd(const Graph& graph, const Node& node, const operators::Window& window)
{
    const auto all = [](const std::vector<std::int64_t>& list, std::int64_t value) {
        return list.size() == 2 && std::ranges::all_of(list, [&](auto element) { return element == value; });
    };
    const auto& weights = graph.at(node.inputs[1]);
    constexpr std::int64_t fewest = 16; // channels: the kernels work on so many at once
    return cpu::has_winograd() && weights.constant && node.attributes.integer("group", 1) == 1 &&
           all(window.kernel, 3) && (all(window.strides, 1) || all(window.strides, 2)) &&
           all(window.dilations, 1) && weights.desc.shape[0] >= fewest && weights.desc.shape[1] >= fewest &&
           cpu::activation_of(node.attributes).has_value();
}

std::string convolution_key(const Graph& graph, const Node& node)
{
    return fmt::format("{} {} {} {}", to_string(graph.shape(node.inputs[0])),
                       to_string(graph.shape(node.inputs[1])), to_string(graph.shape(node.outputs[0])),
                       node.attributes.get<std::string>("activation"));
}

std::string choose_algorithm(const Graph& graph, const Node& node, const LoweringOptions& options)
{
    return options.tune ? fastest(graph, node, options)
                        : by_rule(graph.shape(node.inputs[0]), graph.shape(node.outputs[0]));
}

} // namespace furiosa::compiler
