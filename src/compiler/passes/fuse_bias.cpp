#include "compiler/passes/fuse.hpp"

#include <furiosa/compiler/passes.hpp>
#include <furiosa/core/tensor.hpp>

#include <algorithm>
#include <functional>

namespace furiosa::compiler {

namespace {

/// Is `bias` one number for each index along that axis of `shape`, and the same along all others?
bool is_per_channel(const Shape& bias, const Shape& shape, std::size_t axis)
{
    const auto channels = shape[axis];
    if (bias.element_count() != channels || bias.rank() > shape.rank())
        return false;
    const auto missing = shape.rank() - bias.rank();
    if (channels == 1)
        return true;
    return axis >= missing && bias[axis - missing] == channels;
}

bool takes_bias(const Graph& graph, const Node& node, const Value& addend)
{
    const auto& shape = graph.shape(node.outputs[0]);
    const bool fused_already =
        (node.has_input(2) && !graph.is_constant(node.inputs[2])) || node.has_input(3) || node.attributes.has("activation");
    if (fused_already || !addend.constant || addend.desc.data_type != DataType::float32)
        return false;
    if (node.kind == OpKind::conv || node.kind == OpKind::conv_transpose)
        return is_per_channel(addend.desc.shape, shape, 1);
    return node.kind == OpKind::mat_mul && is_per_channel(addend.desc.shape, shape, shape.rank() - 1);
}

/// The addend as a bias, together with the one that is there.
ValueId add_bias(Graph& graph, const Node& node, ValueId addend)
{
    const auto& value = graph.at(addend);
    auto sum = Tensor::of(Shape{value.desc.shape.element_count()}, value.view().as<float>());
    if (node.has_input(2)) {
        const auto before = graph.at(node.inputs[2]).view().as<float>();
        std::ranges::transform(sum.as<float>(), before, sum.as<float>().begin(), std::plus<>());
    }
    return graph.add_constant(value.desc.name + "/bias", sum);
}

} // namespace

Graph fuse_bias(Graph graph)
{
    const auto producers = graph.producers();
    const auto uses = graph.use_counts();
    for (std::size_t i = 0; i != graph.nodes.size(); ++i) {
        if (graph.nodes[i].kind != OpKind::add)
            continue;
        for (const std::size_t side : {0, 1}) {
            const auto product = graph.nodes[i].inputs[side];
            const auto addend = graph.nodes[i].inputs[1 - side];
            Node* const producer = sole_producer(graph, product, producers, uses);
            if (!producer || !takes_bias(graph, *producer, graph.at(addend)) ||
                graph.shape(graph.nodes[i].outputs[0]) != graph.shape(product))
                continue;
            const auto bias = add_bias(graph, *producer, addend);
            producer->inputs.resize(3, no_value);
            producer->inputs[2] = bias;
            absorb(graph, *producer, graph.nodes[i]);
            break;
        }
    }
    return remove_dead_code(std::move(graph));
}

} // namespace furiosa::compiler
