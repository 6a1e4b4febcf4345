#include <furiosa/compiler/passes.hpp>

#include <algorithm>
#include <ranges>

namespace furiosa::compiler {

namespace {

/// Gives the values that are left new numbers, without gaps.
void compact(Graph& graph, const std::vector<bool>& live)
{
    std::vector<ValueId> renamed(graph.values.size(), no_value);
    std::vector<Value> values;
    for (std::size_t i = 0; i != live.size(); ++i)
        if (live[i]) {
            renamed[i] = static_cast<ValueId>(values.size());
            values.push_back(std::move(graph.values[i]));
        }
    const auto rename = [&](std::vector<ValueId>& list) {
        for (auto& id : list)
            id = id == no_value ? no_value : renamed[id];
    };
    for (auto& node : graph.nodes) {
        rename(node.inputs);
        rename(node.outputs);
    }
    rename(graph.inputs);
    rename(graph.outputs);
    graph.values = std::move(values);
}

} // namespace

Graph remove_dead_code(Graph graph)
{
    std::vector<bool> live(graph.values.size());
    for (const auto output : graph.outputs)
        live[output] = true;
    for (const auto input : graph.inputs)
        live[input] = true; // the caller gives them, whether they are read or not
    std::vector<Node> kept;
    for (auto& node : graph.nodes | std::views::reverse) {
        if (std::ranges::none_of(node.outputs, [&](ValueId id) { return live[id]; }))
            continue;
        for (const auto id : node.inputs)
            if (id != no_value)
                live[id] = true;
        for (const auto id : node.outputs)
            live[id] = true;
        kept.push_back(std::move(node));
    }
    std::ranges::reverse(kept);
    graph.nodes = std::move(kept);
    compact(graph, live);
    return graph;
}

} // namespace furiosa::compiler
