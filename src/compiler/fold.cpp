#include <furiosa/compiler/fold.hpp>

#include <furiosa/compiler/reference.hpp>

#include <algorithm>

namespace furiosa::compiler {

namespace {

bool is_cheap(OpKind kind)
{
    switch (kind) {
    case OpKind::average_pool:
    case OpKind::conv:
    case OpKind::conv_integer:
    case OpKind::conv_transpose:
    case OpKind::gemm:
    case OpKind::lrn:
    case OpKind::mat_mul:
    case OpKind::mat_mul_integer:
    case OpKind::max_pool:
    case OpKind::qlinear_conv:
    case OpKind::qlinear_mat_mul:
    case OpKind::resize: return false;
    default: return true;
    }
}

} // namespace

bool is_foldable(const Graph& graph, const Node& node)
{
    return is_cheap(node.kind) &&
           std::ranges::all_of(node.inputs, [&](ValueId id) { return id == no_value || graph.is_constant(id); });
}

void fold(Graph& graph, const Node& node)
{
    static constexpr std::byte nowhere{};
    std::vector<ConstTensorView> inputs;
    for (const auto id : node.inputs) {
        auto view = id == no_value ? ConstTensorView() : graph.at(id).view();
        if (id != no_value && !view.data()) // without elements, but there
            view = {&nowhere, view.data_type(), view.shape()};
        inputs.push_back(view);
    }
    const auto results = evaluate(graph, node, inputs);
    for (std::size_t i = 0; i != results.size(); ++i) {
        const auto bytes = results[i].view().bytes();
        graph.values[node.outputs[i]].constant = SharedBytes::own({bytes.begin(), bytes.end()});
    }
}

} // namespace furiosa::compiler
