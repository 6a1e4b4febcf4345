#include "compiler/cpu/lowering.hpp"
#include "device/cpu/memory_format.hpp"
#include "device/cpu/operators/operators.hpp"

namespace furiosa::compiler {

namespace cpu = device::cpu;

void Lowering::lower_mat_mul(const Node& node)
{
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
