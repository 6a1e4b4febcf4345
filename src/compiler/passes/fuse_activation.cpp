#include "compiler/passes/fuse.hpp"

#include <furiosa/compiler/passes.hpp>

namespace furiosa::compiler {

namespace {

bool is_activation(OpKind kind)
{
    return kind == OpKind::relu || kind == OpKind::clip || kind == OpKind::sigmoid;
}

} // namespace

Graph fuse_activation(Graph graph)
{
    const auto producers = graph.producers();
    const auto uses = graph.use_counts();
    for (auto& node : graph.nodes) {
        if (!is_activation(node.kind) || node.inputs.size() != 1) // the bounds of a Clip may be computed
            continue;
        Node* const producer = sole_producer(graph, node.inputs[0], producers, uses);
        if (!producer || (producer->kind != OpKind::conv && producer->kind != OpKind::mat_mul) ||
            producer->attributes.has("activation"))
            continue;
        producer->attributes.set("activation", std::string(to_string(node.kind)));
        for (const char* bound : {"min", "max"})
            if (node.kind == OpKind::clip)
                producer->attributes.set(bound, node.attributes.real(bound));
        absorb(graph, *producer, node);
    }
    return remove_dead_code(std::move(graph));
}

} // namespace furiosa::compiler
