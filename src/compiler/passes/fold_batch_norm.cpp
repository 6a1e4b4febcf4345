#include <furiosa/compiler/passes.hpp>
#include <furiosa/core/tensor.hpp>

#include <algorithm>
#include <cmath>

namespace furiosa::compiler {

namespace {

/// y = scale * x + shift, for each channel.
struct Affine
{
    std::vector<float> scale;
    std::vector<float> shift;
};

Affine affine_of(const Graph& graph, const Node& node)
{
    const auto gamma = graph.at(node.inputs[1]).view().as<float>();
    const auto beta = graph.at(node.inputs[2]).view().as<float>();
    const auto mean = graph.at(node.inputs[3]).view().as<float>();
    const auto variance = graph.at(node.inputs[4]).view().as<float>();
    Affine affine;
    for (std::size_t c = 0; c != gamma.size(); ++c) {
        const double scale = gamma[c] / std::sqrt(double(variance[c]) + node.attributes.real("epsilon", 1e-5f));
        affine.scale.push_back(static_cast<float>(scale));
        affine.shift.push_back(static_cast<float>(beta[c] - mean[c] * scale));
    }
    return affine;
}

bool has_constant_parameters(const Graph& graph, const Node& node)
{
    return std::ranges::all_of(std::span(node.inputs).subspan(1), [&](ValueId id) {
        return graph.is_constant(id) && graph.at(id).desc.data_type == DataType::float32;
    });
}

/// Which channel of the output each kernel of the weights is for: those of a Conv are [outputs, inputs / groups],
/// those of a ConvTranspose [inputs, outputs / groups].
std::size_t channel_of(const Node& conv, const Shape& weights, std::size_t kernel)
{
    const auto of_second = static_cast<std::size_t>(weights[1]);
    if (conv.kind == OpKind::conv)
        return kernel / of_second;
    const auto inputs_of_group = static_cast<std::size_t>(weights[0] / conv.attributes.integer("group", 1));
    return kernel / of_second / inputs_of_group * of_second + kernel % of_second;
}

Tensor scaled_weights(const Node& conv, const Value& weights, const Affine& affine)
{
    auto scaled = Tensor::copy_of(weights.view());
    const auto& shape = weights.desc.shape;
    const auto kernels = static_cast<std::size_t>(shape[0] * shape[1]);
    const auto values = scaled.as<float>();
    for (std::size_t kernel = 0; kernel != kernels; ++kernel) {
        const auto scale = affine.scale[channel_of(conv, shape, kernel)];
        for (auto& weight : values.subspan(kernel * (values.size() / kernels), values.size() / kernels))
            weight *= scale;
    }
    return scaled;
}

void fold_into(Graph& graph, Node& conv, const Affine& affine)
{
    const auto& weights = graph.at(conv.inputs[1]);
    const auto scaled = scaled_weights(conv, weights, affine);
    auto bias = affine.shift;
    if (conv.has_input(2))
        for (std::size_t c = 0; c != bias.size(); ++c)
            bias[c] += affine.scale[c] * graph.at(conv.inputs[2]).view().as<float>()[c];
    const auto name = weights.desc.name;
    conv.inputs.resize(3, no_value);
    conv.inputs[1] = graph.add_constant(name + "/normalized", scaled);
    conv.inputs[2] = graph.add_constant(
        conv.name + "/bias", {std::span<const float>(bias), Shape{static_cast<std::int64_t>(bias.size())}});
}

/// Behind a convolution that nobody else reads, and whose parameters are known?
bool folds_into(const Graph& graph, const Node& conv, unsigned uses)
{
    const bool convolves = conv.kind == OpKind::conv || conv.kind == OpKind::conv_transpose;
    return convolves && uses == 1 && graph.is_constant(conv.inputs[1]) &&
           (!conv.has_input(2) || graph.is_constant(conv.inputs[2]));
}

void replace_by_arithmetic(Graph& graph, const Node& node, const Affine& affine, std::vector<Node>& nodes)
{
    std::vector<std::int64_t> extents(graph.shape(node.inputs[0]).rank() - 1, 1);
    extents[0] = static_cast<std::int64_t>(affine.scale.size());
    Node mul{OpKind::mul, node.name + "/scale", {}, {}, {}};
    Node add{OpKind::add, node.name, {}, node.outputs, {}};
    Value scaled;
    scaled.desc = graph.at(node.outputs[0]).desc;
    scaled.desc.name = mul.name;
    mul.outputs = {graph.add(std::move(scaled))};
    mul.inputs = {node.inputs[0], graph.add_constant(node.name + "/scale_value", {std::span(affine.scale), Shape(extents)})};
    add.inputs = {mul.outputs[0], graph.add_constant(node.name + "/shift_value", {std::span(affine.shift), Shape(extents)})};
    nodes.push_back(std::move(mul));
    nodes.push_back(std::move(add));
}

} // namespace

Graph fold_batch_norm(Graph graph)
{
    const auto uses = graph.use_counts();
    std::vector<Node> nodes;
    std::vector<std::optional<std::size_t>> made_by(graph.values.size());
    for (auto& node : graph.nodes) {
        if (node.kind == OpKind::batch_normalization && has_constant_parameters(graph, node)) {
            const auto affine = affine_of(graph, node);
            const auto conv = made_by[node.inputs[0]];
            if (conv && folds_into(graph, nodes[*conv], uses[node.inputs[0]])) {
                fold_into(graph, nodes[*conv], affine);
                nodes[*conv].outputs = node.outputs;
                made_by[node.outputs[0]] = conv;
            } else {
                replace_by_arithmetic(graph, node, affine, nodes);
            }
            continue;
        }
        for (const auto output : node.outputs)
            made_by[output] = nodes.size();
        nodes.push_back(std::move(node));
    }
    graph.nodes = std::move(nodes);
    return graph;
}

} // namespace furiosa::compiler
