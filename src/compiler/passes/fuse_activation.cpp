#include "compiler/passes/fuse.hpp"

#include <furiosa/compiler/passes.hpp>

namespace furiosa::compiler {

namespace {

/// Those that devices have as a part of a convolution.
bool is_activation(const Node& node)
{
    switch (node.kind) {
    case OpKind::clip:
        return !node.has_input(1) && !node.has_input(2);
    case OpKind::elu:
    case OpKind::hard_swish:
    case OpKind::leaky_relu:
    case OpKind::relu:
    case OpKind::sigmoid:
    case OpKind::silu:
    case OpKind::tanh:
        return true;
    default:
        return false;
    }
}

bool takes_activation(OpKind kind)
{
    return kind == OpKind::conv || kind == OpKind::conv_transpose || kind == OpKind::mat_mul;
}

} // namespace

Graph fuse_activation(Graph graph)
{
    const auto producers = graph.producers();
    const auto uses = graph.use_counts();
    for (auto& node : graph.nodes) {
        if (!is_activation(node))
            continue;
        Node* const producer = sole_producer(graph, node.inputs[0], producers, uses);
        if (!producer || !takes_activation(producer->kind) || producer->attributes.has("activation"))
            continue;
        producer->attributes.set("activation", std::string(to_string(node.kind)));
        for (const char* parameter : {"alpha", "max", "min"})
            if (node.attributes.has(parameter))
                producer->attributes.set(parameter, node.attributes.real(parameter));
        absorb(graph, *producer, node);
    }
    return remove_dead_code(std::move(graph));
}

} // namespace furiosa::compiler
