#include <furiosa/compiler/fold.hpp>
#include <furiosa/compiler/passes.hpp>

#include <algorithm>

namespace furiosa::compiler {

namespace {

/// Broadcasting can make gigabytes of a few numbers: what is much larger than all it is made of is left to run time.
constexpr std::size_t always_folded = 1024 * 1024;

bool is_worth_folding(const Graph& graph, const Node& node)
{
    std::size_t read = 0;
    std::size_t made = 0;
    for (const auto id : node.inputs)
        read += id == no_value ? 0 : graph.at(id).desc.size_in_bytes();
    for (const auto id : node.outputs)
        made += graph.at(id).desc.size_in_bytes();
    return made <= std::max(read, always_folded);
}

} // namespace

Graph fold_constants(Graph graph)
{
    std::vector<Node> kept;
    for (auto& node : graph.nodes)
        if (is_foldable(graph, node) && is_worth_folding(graph, node))
            fold(graph, node);
        else
            kept.push_back(std::move(node));
    graph.nodes = std::move(kept);
    return graph;
}

} // namespace furiosa::compiler
