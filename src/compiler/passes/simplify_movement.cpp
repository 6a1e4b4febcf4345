#include "compiler/passes/fuse.hpp"

#include <furiosa/compiler/passes.hpp>

#include <algorithm>
#include <numeric>

namespace furiosa::compiler {

namespace {

using Permutation = std::vector<std::int64_t>;

Permutation permutation_of(const Graph& graph, const Node& node)
{
    const auto rank = graph.shape(node.inputs[0]).rank();
    Permutation reversed(rank);
    std::iota(reversed.rbegin(), reversed.rend(), 0);
    return node.attributes.integers("perm", reversed);
}

/// Do all axes longer than 1 keep their order? Then the elements stay where they are.
bool keeps_order(const Shape& shape, const Permutation& permutation)
{
    std::int64_t last = -1;
    for (const auto axis : permutation) {
        if (shape[static_cast<std::size_t>(axis)] == 1)
            continue;
        if (axis < last)
            return false;
        last = axis;
    }
    return true;
}

/// Becomes a Reshape to the shape that its output has.
void make_reshape(const Graph& graph, Node& node)
{
    const auto& shape = graph.shape(node.outputs[0]);
    node.kind = OpKind::reshape;
    node.inputs.resize(1);
    node.attributes = {};
    node.attributes.set("shape", std::vector<std::int64_t>(shape.begin(), shape.end()));
}

void simplify(Graph& graph, Node& node, const std::vector<std::optional<std::size_t>>& producers)
{
    const auto input = node.inputs[0];
    const Node* const before = producers[input] ? &graph.nodes[*producers[input]] : nullptr;
    if (before && before->kind == node.kind && node.kind == OpKind::transpose) {
        // What is read twice removed: axis i of the result is axis first[second[i]] of the source.
        const auto first = permutation_of(graph, *before);
        auto both = permutation_of(graph, node);
        for (auto& axis : both)
            axis = first[static_cast<std::size_t>(axis)];
        node.inputs[0] = before->inputs[0];
        node.attributes.set("perm", both);
    } else if (before && before->kind == node.kind) {
        node.inputs[0] = before->inputs[0];
    }
    if (node.kind == OpKind::transpose &&
        keeps_order(graph.shape(node.inputs[0]), permutation_of(graph, node)))
        make_reshape(graph, node);
}

bool is_output(const Graph& graph, ValueId id)
{
    return std::ranges::find(graph.outputs, id) != graph.outputs.end();
}

} // namespace

Graph simplify_movement(Graph graph)
{
    const auto producers = graph.producers();
    for (auto& node : graph.nodes)
        if (node.kind == OpKind::transpose || node.kind == OpKind::reshape)
            simplify(graph, node, producers);
    for (const auto& node : graph.nodes)
        if (node.kind == OpKind::reshape && graph.shape(node.inputs[0]) == graph.shape(node.outputs[0]) &&
            !is_output(graph, node.outputs[0]))
            graph.replace_uses(node.outputs[0], node.inputs[0]);
    return remove_dead_code(std::move(graph));
}

} // namespace furiosa::compiler
