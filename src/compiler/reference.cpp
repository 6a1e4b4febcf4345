#include <furiosa/compiler/reference.hpp>

#include <furiosa/compiler/infer_shape.hpp>
#include <furiosa/core/error.hpp>

#include <cstring>

namespace furiosa::compiler {

namespace {

/// A tensor without elements has an address too: one without is left out.
ConstTensorView with_address(const ConstTensorView& view)
{
    static constexpr std::byte nowhere{};
    return view.data() ? view : ConstTensorView(&nowhere, view.data_type(), view.shape());
}

} // namespace

std::vector<Tensor> evaluate(const Graph& graph, const Node& node, std::span<const ConstTensorView> inputs)
{
    std::vector<Tensor> outputs;
    std::vector<TensorView> views;
    for (const auto id : node.outputs)
        outputs.emplace_back(graph.at(id).desc.data_type, graph.shape(id));
    for (auto& output : outputs)
        views.push_back(output);
    if (node.kind == OpKind::reorder)
        std::memcpy(views[0].data(), inputs[0].data(), inputs[0].size_in_bytes());
    else
        operators::evaluate(operation_of(node), inputs, views);
    return outputs;
}

std::vector<Tensor> evaluate(const Graph& graph, std::span<const ConstTensorView> inputs)
{
    std::vector<Tensor> made(graph.values.size());
    std::vector<ConstTensorView> views(graph.values.size());
    for (std::size_t i = 0; i != graph.values.size(); ++i)
        if (graph.values[i].constant)
            views[i] = with_address(graph.values[i].view());
    for (std::size_t i = 0; i != graph.inputs.size(); ++i)
        views[graph.inputs[i]] = with_address(inputs[i]);
    for (const auto& node : graph.nodes) {
        std::vector<ConstTensorView> in;
        for (const auto input : node.inputs)
            in.push_back(input == no_value ? ConstTensorView() : views[input]);
        auto out = evaluate(graph, node, in);
        for (std::size_t i = 0; i != out.size(); ++i) {
            made[node.outputs[i]] = std::move(out[i]);
            views[node.outputs[i]] = with_address(made[node.outputs[i]]);
        }
    }
    std::vector<Tensor> outputs;
    for (const auto output : graph.outputs)
        outputs.push_back(Tensor::copy_of(views[output]));
    return outputs;
}

} // namespace furiosa::compiler
