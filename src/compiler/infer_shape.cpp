#include <furiosa/compiler/infer_shape.hpp>

#include <algorithm>

namespace furiosa::compiler {

namespace {

bool keeps_axes(OpKind kind)
{
    constexpr OpKind others[] = {OpKind::reshape, OpKind::transpose, OpKind::gather,  OpKind::mat_mul,
                                 OpKind::expand,  OpKind::arg_max,   OpKind::arg_min, OpKind::gemm};
    return std::ranges::find(others, kind) == std::end(others);
}

} // namespace

void infer_shape(Graph& graph, Node& node)
{
    std::vector<operators::TensorType> types;
    types.reserve(node.inputs.size());
    std::vector<const operators::TensorType*> inputs;
    for (const auto id : node.inputs) {
        if (id != no_value)
            types.push_back({graph.at(id).desc.data_type, graph.shape(id)});
        inputs.push_back(id != no_value ? &types.back() : operators::no_input);
    }
    const auto outputs = operators::infer(operation_of(node), inputs, node.outputs.size());
    for (std::size_t i = 0; i != outputs.size(); ++i) {
        auto& desc = graph.values[node.outputs[i]].desc;
        desc.data_type = outputs[i].data_type;
        desc.shape = outputs[i].shape;
        const bool same_axes = node.has_input(0) && keeps_axes(node.kind) && desc.layout.empty() &&
                               graph.shape(node.input(0)).rank() == desc.shape.rank();
        if (same_axes)
            desc.layout = graph.at(node.input(0)).desc.layout;
    }
}

} // namespace furiosa::compiler
