#include "compiler/cpu/lowering.hpp"
#include "device/cpu/memory_format.hpp"
#include "device/cpu/operators/operators.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>

namespace furiosa::compiler {

namespace cpu = device::cpu;
using dnnl::memory;

namespace {

bool cuts_channels_only(const Shape& whole, const Shape& part)
{
    for (std::size_t i = 0; i != whole.rank(); ++i)
        if (i != 1 && whole[i] != part[i])
            return false;
    return whole.rank() == 4;
}

} // namespace

/// Often costs nothing: an image with the channels innermost is a dense tensor under another shape.
void Lowering::lower_transpose(const Node& node)
{
    Attributes attributes;
    attributes.set("perm", node.attributes.integers("perm"));
    const auto source = as_it_is(node.inputs[0]);
    const auto id = node.outputs[0];
    const auto transposed = cpu::transposed_desc(desc_of(source), attributes.integers("perm"));
    if (builder_.tensor(source).location == program::Location::arena && transposed == dense_desc(id)) {
        place(id, builder_.add_alias(source, graph_.at(id).desc, ""));
        return;
    }
    emit(node.kind, node.name, {source}, make_output(node, dense_desc(id)), std::move(attributes));
}

/// Costs nothing: the same memory under another shape.
void Lowering::lower_reshape(const Node& node)
{
    const auto id = node.outputs[0];
    place(id, builder_.add_alias(in_format(node.inputs[0], ""), graph_.at(id).desc, ""));
}

void Lowering::lower_slice(const Node& node)
{
    const auto steps = node.attributes.integers("steps");
    if (std::ranges::any_of(steps, [](auto step) { return step != 1; }))
        return lower_plain(node);
    const auto starts = node.attributes.integers("starts");
    if (cuts_channels_only(graph_.shape(node.inputs[0]), graph_.shape(node.outputs[0])) &&
        lower_to_part(node.inputs[0], node.outputs[0], starts[channel_axis]))
        return;
    const auto source = as_it_is(node.inputs[0]);
    Attributes attributes;
    attributes.set("starts", starts);
    const auto layout = cpu::describe(graph_.at(node.outputs[0]).desc, builder_.tensor(source).format);
    cpu::part_desc(desc_of(source), layout, starts); // throws where a block would be cut
    emit(OpKind::slice, node.name, {source}, make_output(node, layout), std::move(attributes));
}

void Lowering::lower_split(const Node& node)
{
    const auto axis = static_cast<std::size_t>(node.attributes.integer("axis"));
    std::vector<std::int64_t> starts(graph_.shape(node.inputs[0]).rank());
    for (std::size_t i = 0; i != node.outputs.size(); ++i) {
        const auto& desc = graph_.at(node.outputs[i]).desc;
        if (axis != channel_axis || !lower_to_part(node.inputs[0], node.outputs[i], starts[axis])) {
            const auto source = as_it_is(node.inputs[0]);
            const auto layout = cpu::describe(desc, builder_.tensor(source).format);
            cpu::part_desc(desc_of(source), layout, starts);
            Attributes attributes;
            attributes.set("starts", starts);
            emit(OpKind::slice, node.name, {source}, make_output(node, layout, i), std::move(attributes));
        }
        starts[axis] += desc.shape[axis];
    }
}

} // namespace furiosa::compiler
