#include <furiosa/compiler/graph.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace furiosa::compiler {

ValueId Graph::add_constant(std::string name, const ConstTensorView& elements)
{
    Value value;
    value.desc.name = std::move(name);
    value.desc.data_type = elements.data_type();
    value.desc.shape = elements.shape();
    value.constant = SharedBytes::own({elements.bytes().begin(), elements.bytes().end()});
    return add(std::move(value));
}

std::vector<unsigned> Graph::use_counts() const
{
    std::vector<unsigned> counts(values.size());
    for (const auto& node : nodes)
        for (const auto input : node.inputs)
            if (input != no_value)
                ++counts[input];
    for (const auto output : outputs)
        ++counts[output];
    return counts;
}

std::vector<std::optional<std::size_t>> Graph::producers() const
{
    std::vector<std::optional<std::size_t>> made_by(values.size());
    for (std::size_t i = 0; i != nodes.size(); ++i)
        for (const auto output : nodes[i].outputs)
            if (output != no_value)
                made_by[output] = i;
    return made_by;
}

void Graph::replace_uses(ValueId from, ValueId to)
{
    for (auto& node : nodes)
        std::ranges::replace(node.inputs, from, to);
    std::ranges::replace(outputs, from, to);
}

std::string to_dot(const Graph& graph)
{
    std::string text = "digraph model {\n  node [shape=box];\n";
    const auto producers = graph.producers();
    for (std::size_t i = 0; i != graph.nodes.size(); ++i) {
        text += fmt::format("  n{} [label=\"{}\"];\n", i, to_string(graph.nodes[i].kind));
        for (const auto input : graph.nodes[i].inputs)
            if (input != no_value && producers[input])
                text += fmt::format("  n{} -> n{} [label=\"{}\"];\n", *producers[input], i, to_string(graph.shape(input)));
    }
    return text + "}\n";
}

} // namespace furiosa::compiler
