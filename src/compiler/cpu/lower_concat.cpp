#include "compiler/cpu/lowering.hpp"
#include "device/cpu/memory_format.hpp"

#include <algorithm>

namespace furiosa::compiler {

namespace cpu = device::cpu;

namespace {

constexpr std::int64_t channels_aligned = 16; // tensors begin at multiples of 64 bytes

/// Nodes by the values that they read, as often as they do.
std::multimap<ValueId, const Node*> readers_of(const Graph& graph)
{
    std::multimap<ValueId, const Node*> readers;
    for (const auto& node : graph.nodes)
        for (const auto id : node.inputs)
            readers.emplace(id, &node);
    return readers;
}

} // namespace

bool Lowering::is_image(ValueId id) const
{
    const auto& desc = graph_.at(id).desc;
    return desc.data_type == DataType::float32 && image_format(desc.shape) == "acdb";
}

/// Does it put the channels of images one behind the other?
bool Lowering::joins_channels(const Node& node) const
{
    return node.kind == OpKind::concat && node.attributes.integer("axis") == channel_axis && suits_onednn(node) &&
           is_image(node.outputs[0]);
}

/// Images whose readers all can pass over other channels that lie between the pixels, as our own kernels can.
void Lowering::find_parts()
{
    const auto readers = readers_of(graph_);
    const auto passes_over = [&](const Node& node, ValueId read) {
        return joins_channels(node) || (runs_own_kernel(node) && node.input(1) != read && node.input(2) != read);
    };
    for (ValueId id = 0; id != graph_.values.size(); ++id) {
        const auto [first, last] = readers.equal_range(id);
        if (is_image(id) && std::all_of(first, last, [&](const auto& reader) { return passes_over(*reader.second, id); }))
            parts_.insert(id);
    }
}

/// Values that their node can make where a Concat wants them: so it has nothing to copy.
void Lowering::find_homes()
{
    find_parts();
    const auto producers = graph_.producers();
    const auto can_be_made_there = [&](ValueId id) {
        return parts_.contains(id) && producers[id] &&
               (joins_channels(graph_.nodes[*producers[id]]) || runs_own_kernel(graph_.nodes[*producers[id]]));
    };
    for (const auto& node : graph_.nodes) {
        if (!joins_channels(node))
            continue;
        std::int64_t first_channel = 0;
        for (const auto id : node.inputs) {
            if (first_channel % channels_aligned == 0 && can_be_made_there(id))
                homes_.try_emplace(id, node.outputs[0], first_channel);
            first_channel += graph_.shape(id)[channel_axis];
        }
    }
}

/// The output of a Concat, before all that it is made of is there.
TensorIndex Lowering::whole(ValueId concat)
{
    if (const auto found = wholes_.find(concat); found != wholes_.end())
        return found->second;
    const auto& desc = graph_.at(concat).desc;
    return wholes_[concat] = homes_.contains(concat) ? at_home(concat) : add_tensor(desc, cpu::describe(desc, "acdb"));
}

TensorIndex Lowering::at_home(ValueId id)
{
    const auto [concat, first_channel] = homes_.at(id);
    return part_of(whole(concat), graph_.at(id).desc, first_channel);
}

/// Some channels of an image, where they are.
TensorIndex Lowering::part_of(TensorIndex image, const TensorDesc& desc, std::int64_t first_channel)
{
    const auto pitch = desc_of(image).data.format_desc.blocking.strides[3];
    const auto format = cpu::pitched_format(pitch);
    return builder_.add_part(image, desc, format, static_cast<std::uint64_t>(first_channel) * sizeof(float),
                             cpu::size_in_memory(cpu::describe(desc, format)));
}

/// Leaves some channels of an image where they are; false where that cannot be.
bool Lowering::lower_to_part(ValueId image, ValueId part, std::int64_t first_channel)
{
    if (!is_image(image) || !parts_.contains(part) || first_channel % channels_aligned != 0)
        return false;
    const auto source = as_image(image);
    if (builder_.tensor(source).location != program::Location::arena)
        return false;
    place(part, part_of(source, graph_.at(part).desc, first_channel));
    return true;
}

void Lowering::lower_concat(const Node& node)
{
    Attributes attributes;
    attributes.set("axis", node.attributes.integer("axis"));
    if (wholes_.contains(node.outputs[0]) || homes_.contains(node.outputs[0])) {
        std::vector<TensorIndex> inputs;
        for (const auto id : node.inputs)
            inputs.push_back(as_image(id));
        const auto output = place(node.outputs[0], whole(node.outputs[0]));
        return emit(OpKind::concat, node.name, std::move(inputs), output, std::move(attributes));
    }
    std::string format; // of the first image that lies as images do here
    for (const auto id : node.inputs)
        if (format.empty() && !graph_.is_constant(id))
            format = builder_.tensor(as_it_is(id)).format;
    std::vector<TensorIndex> inputs;
    for (const auto id : node.inputs)
        inputs.push_back(in_format(id, format));
    const auto layout = cpu::describe(graph_.at(node.outputs[0]).desc, format);
    emit(OpKind::concat, node.name, std::move(inputs), make_output(node, layout), std::move(attributes));
}

} // namespace furiosa::compiler
