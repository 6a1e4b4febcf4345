#include "compiler/passes/fuse.hpp"

#include <furiosa/compiler/passes.hpp>

namespace furiosa::compiler {

namespace {

/// The other summand must be there when the convolution runs: it is an input, a constant or made before.
bool is_made_before(ValueId value, std::size_t node, const std::vector<std::optional<std::size_t>>& producers)
{
    return value < producers.size() && (!producers[value] || *producers[value] < node);
}

} // namespace

Graph fuse_residual(Graph graph)
{
    auto producers = graph.producers();
    const auto uses = graph.use_counts();
    for (std::size_t i = 0; i != graph.nodes.size(); ++i) {
        if (graph.nodes[i].kind != OpKind::add)
            continue;
        for (const std::size_t side : {1, 0}) {
            const auto sum = graph.nodes[i].inputs[side];
            const auto other = graph.nodes[i].inputs[1 - side];
            Node* const conv = sole_producer(graph, sum, producers, uses);
            if (!conv || conv->kind != OpKind::conv || conv->has_input(3) || conv->attributes.has("activation") ||
                graph.shape(sum) != graph.shape(other) || graph.is_constant(other) || sum == other ||
                !is_made_before(other, *producers[sum], producers))
                continue;
            conv->inputs.resize(4, no_value);
            conv->inputs[3] = other;
            const auto conv_index = *producers[sum];
            absorb(graph, *conv, graph.nodes[i]);
            producers[graph.nodes[conv_index].outputs[0]] = conv_index;
            break;
        }
    }
    return remove_dead_code(std::move(graph));
}

} // namespace furiosa::compiler
