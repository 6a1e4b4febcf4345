#include <furiosa/compiler/passes.hpp>
#include <furiosa/compiler/reference.hpp>

#include <algorithm>

namespace furiosa::compiler {

namespace {

/// Broadcasting can make gigabytes of a few numbers: those are left to run time.
constexpr std::size_t largest_folded = 64 * 1024 * 1024;

bool moves_elements_only(OpKind kind)
{
    return kind == OpKind::reshape || kind == OpKind::flatten || kind == OpKind::identity ||
           kind == OpKind::transpose || kind == OpKind::dropout;
}

bool can_fold(const Graph& graph, const Node& node)
{
    return std::ranges::all_of(node.inputs,
                               [&](ValueId input) {
                                   return input == no_value ||
                                          (graph.is_constant(input) &&
                                           (moves_elements_only(node.kind) ||
                                            graph.at(input).desc.data_type == DataType::float32));
                               }) &&
           graph.at(node.outputs[0]).desc.size_in_bytes() <= largest_folded;
}

} // namespace

Graph fold_constants(Graph graph)
{
    std::vector<Node> kept;
    for (auto& node : graph.nodes) {
        if (!can_fold(graph, node)) {
            kept.push_back(std::move(node));
            continue;
        }
        std::vector<ConstTensorView> inputs;
        for (const auto input : node.inputs)
            inputs.push_back(input == no_value ? ConstTensorView() : graph.at(input).view());
        const auto result = evaluate(graph, node, inputs);
        const auto bytes = result[0].view().bytes();
        graph.values[node.outputs[0]].constant = SharedBytes::own({bytes.begin(), bytes.end()});
    }
    graph.nodes = std::move(kept);
    return graph;
}

} // namespace furiosa::compiler
