#include "compiler/cpu/lowering.hpp"
#include "device/cpu/memory_format.hpp"
#include "device/cpu/operators/operators.hpp"
#include "device/cpu/pointwise/pointwise.hpp"

namespace furiosa::compiler {

namespace cpu = device::cpu;

namespace {

/// Packs weights [in][out].
std::vector<float> pack_transposed(std::int64_t in, std::int64_t out, std::span<const float> weights)
{
    std::vector<float> transposed(weights.size());
    for (std::int64_t i = 0; i != in; ++i)
        for (std::int64_t o = 0; o != out; ++o)
            transposed[static_cast<std::size_t>(o * in + i)] = weights[static_cast<std::size_t>(i * out + o)];
    return cpu::pack_pointwise_weights(in, out, transposed);
}

} // namespace

/// The rows of a tensor as images of one pixel: the last axis is their channels.
TensorIndex Lowering::as_pixels(TensorIndex tensor)
{
    auto desc = builder_.tensor(tensor).desc;
    const auto& shape = desc.shape;
    const auto channels = shape[shape.rank() - 1];
    desc.shape = Shape{shape.element_count() / channels, channels, 1, 1};
    desc.layout.clear();
    return builder_.add_alias(tensor, desc, "");
}

/// A product with a constant matrix is a convolution of 1 x 1, for which there are kernels of our own.
bool Lowering::lower_to_pointwise(const Node& node)
{
    const auto& weights = graph_.at(node.inputs[1]);
    const auto& x = graph_.shape(node.inputs[0]);
    const auto& y = graph_.shape(node.outputs[0]);
    if (!cpu::has_pointwise() || !weights.constant || weights.desc.shape.rank() != 2 || x.rank() == 0 ||
        y.rank() == 0 || !cpu::activation_of(node.attributes))
        return false;
    const auto in = weights.desc.shape[0];
    const auto out = weights.desc.shape[1];
    if (node.has_input(2) && graph_.shape(node.inputs[2]).element_count() != out)
        return false;
    const auto packed = pack_transposed(in, out, weights.view().as<float>());
    std::vector<TensorIndex> inputs{as_pixels(in_format(node.inputs[0], "")), add_packed(weights.desc.name, packed)};
    if (node.has_input(2)) {
        auto bias = graph_.at(node.inputs[2]).desc;
        bias.shape = Shape{out};
        inputs.push_back(builder_.add_alias(in_format(node.inputs[2], ""), bias, ""));
    }
    Attributes attributes;
    copy_activation(node, attributes);
    attributes.set("algorithm", std::string("pointwise"));
    attributes.set("strides", std::vector<std::int64_t>{1, 1});
    attributes.set("bias", std::int64_t{node.has_input(2)});
    emit(OpKind::conv, node.name, std::move(inputs), as_pixels(make_output(node, dense_desc(node.outputs[0]))),
         std::move(attributes));
    return true;
}

void Lowering::lower_mat_mul(const Node& node)
{
    if (lower_to_pointwise(node))
        return;
    if (graph_.shape(node.inputs[0]).rank() < 2 || graph_.shape(node.inputs[1]).rank() < 2)
        return lower_plain(node); // a vector is a row or a column, which oneDNN does not know
    const auto rank = graph_.shape(node.outputs[0]).rank();
    const auto a = with_rank(in_format(node.inputs[0], ""), rank);
    auto b = with_rank(in_format_for_factor(node, rank), rank);
    std::vector<TensorIndex> inputs{a, b};
    if (node.has_input(2))
        inputs.push_back(with_rank(in_format(node.inputs[2], ""), rank));
    Attributes attributes;
    copy_activation(node, attributes);
    emit(OpKind::mat_mul, node.name, std::move(inputs), make_output(node, dense_desc(node.outputs[0])),
         std::move(attributes));
}

/// A constant second factor is packed as oneDNN likes it.
TensorIndex Lowering::in_format_for_factor(const Node& node, std::size_t rank)
{
    const auto id = node.inputs[1];
    if (!graph_.is_constant(id) || graph_.shape(id).rank() != rank ||
        graph_.shape(node.inputs[0]).rank() != rank)
        return in_format(id, "");
    const auto chosen = cpu::mat_mul_desc(engine_, {}, dense_desc(node.inputs[0]),
                                          cpu::any_format(dense_desc(id)), {}, dense_desc(node.outputs[0]));
    return in_format(id, cpu::format_name(chosen.weights_desc()));
}

} // namespace furiosa::compiler
