#include "compiler/cpu/lowering.hpp"
#include "device/cpu/memory_format.hpp"

#include <algorithm>

namespace furiosa::compiler {

namespace cpu = device::cpu;

void Lowering::lower_binary(const Node& node)
{
    const auto& shape = graph_.shape(node.outputs[0]);
    auto a = node.inputs[0];
    auto b = node.inputs[1];
    const bool commutes = node.kind == OpKind::add || node.kind == OpKind::mul;
    if (commutes && (graph_.shape(a) != shape || graph_.is_constant(a)))
        std::swap(a, b);
    if (graph_.shape(a) != shape)
        return lower_plain(node);
    const bool same = graph_.shape(b) == shape;
    auto format = builder_.tensor(as_it_is(a)).format;
    if (same && format.empty() &&
        !graph_.is_constant(b)) // one of the two is reordered: not that of the faster format
        format = builder_.tensor(as_it_is(b)).format;
    const auto left = in_format(a, format);
    const auto right = same ? in_format(b, format) : with_rank(in_format(b, ""), shape.rank());
    const auto output = a == b ? make_output(node, desc_of(left)) : make_output_over(node, left, a);
    emit(node.kind, node.name, {left, right}, output, {});
}

void Lowering::lower_eltwise(const Node& node)
{
    if (node.has_input(1) || node.has_input(2))
        return lower_plain(node); // the bounds of a Clip that are not known yet
    const auto source = as_it_is(node.inputs[0]);
    Attributes attributes;
    copy_activation(node, attributes);
    emit(node.kind, node.name, {source}, make_output_over(node, source, node.inputs[0]),
         std::move(attributes));
}

void Lowering::lower_softmax(const Node& node)
{
    Attributes attributes;
    auto axis = node.attributes.integer("axis", -1);
    if (axis < 0)
        axis += static_cast<std::int64_t>(graph_.shape(node.outputs[0]).rank());
    attributes.set("axis", axis);
    emit(node.kind, node.name, {in_format(node.inputs[0], "")},
         make_output(node, dense_desc(node.outputs[0])), std::move(attributes));
}

} // namespace furiosa::compiler
