#include "compiler/cpu/lowering.hpp"
#include "device/cpu/memory_format.hpp"
#include "device/cpu/operators/operators.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>

namespace furiosa::compiler {

namespace cpu = device::cpu;
using dnnl::memory;

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

void Lowering::lower_concat(const Node& node)
{
    std::string format; // of the first image that lies as images do here
    for (const auto id : node.inputs)
        if (format.empty() && !graph_.is_constant(id))
            format = builder_.tensor(as_it_is(id)).format;
    std::vector<TensorIndex> inputs;
    std::vector<memory::desc> descs;
    for (const auto id : node.inputs) {
        inputs.push_back(in_format(id, format));
        descs.push_back(desc_of(inputs.back()));
    }
    Attributes attributes;
    attributes.set("axis", node.attributes.integer("axis"));
    const auto layout = cpu::describe(graph_.at(node.outputs[0]).desc, format);
    emit(OpKind::concat, node.name, std::move(inputs), make_output(node, layout), std::move(attributes));
}

void Lowering::lower_slice(const Node& node)
{
    const auto steps = node.attributes.integers("steps");
    if (std::ranges::any_of(steps, [](auto step) { return step != 1; }))
        return lower_plain(node);
    const auto source = as_it_is(node.inputs[0]);
    Attributes attributes;
    attributes.set("starts", node.attributes.integers("starts"));
    const auto layout = cpu::describe(graph_.at(node.outputs[0]).desc, builder_.tensor(source).format);
    cpu::part_desc(desc_of(source), layout,
                   attributes.integers("starts")); // throws where a block would be cut
    emit(OpKind::slice, node.name, {source}, make_output(node, layout), std::move(attributes));
}

void Lowering::lower_split(const Node& node)
{
    const auto source = as_it_is(node.inputs[0]);
    const auto axis = static_cast<std::size_t>(node.attributes.integer("axis"));
    std::vector<std::int64_t> starts(graph_.shape(node.inputs[0]).rank());
    for (std::size_t i = 0; i != node.outputs.size(); ++i) {
        const auto& desc = graph_.at(node.outputs[i]).desc;
        const auto layout = cpu::describe(desc, builder_.tensor(source).format);
        cpu::part_desc(desc_of(source), layout, starts);
        Attributes attributes;
        attributes.set("starts", starts);
        emit(OpKind::slice, node.name, {source}, make_output(node, layout, i), std::move(attributes));
        starts[axis] += desc.shape[axis];
    }
}

} // namespace furiosa::compiler
