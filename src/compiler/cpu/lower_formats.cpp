#include "compiler/cpu/lowering.hpp"
#include "device/cpu/memory_format.hpp"
#include "device/cpu/winograd/winograd.hpp"

#include <furiosa/core/tensor.hpp>

#include <algorithm>

namespace furiosa::compiler {

namespace cpu = device::cpu;
using dnnl::memory;

memory::desc Lowering::desc_of(TensorIndex index) const
{
    const auto& tensor = builder_.tensor(index);
    return cpu::describe(tensor.desc, tensor.format);
}

memory::desc Lowering::dense_desc(ValueId id) const
{
    return cpu::describe(graph_.at(id).desc, "");
}

std::string Lowering::image_format(const Shape& shape) const
{
    if (shape.rank() != 4 || !cpu::has_winograd())
        return "";
    TensorDesc desc;
    desc.shape = shape;
    return cpu::format_name(cpu::describe(desc, "acdb"));
}

TensorIndex Lowering::place(ValueId id, TensorIndex index)
{
    return newest_[id] = placed_[{id, builder_.tensor(index).format}] = index;
}

TensorIndex Lowering::as_it_is(ValueId id)
{
    const auto made = newest_.find(id);
    if (made == newest_.end())
        return in_format(id, "");
    return cpu::is_pitched(builder_.tensor(made->second).format) ? in_format(id, "acdb") : made->second;
}

TensorIndex Lowering::as_image(ValueId id)
{
    const auto made = newest_.find(id);
    const bool pitched = made != newest_.end() && cpu::is_pitched(builder_.tensor(made->second).format);
    return pitched ? made->second : in_format(id, image_format(graph_.shape(id)));
}

TensorIndex Lowering::in_format(ValueId id, const std::string& format)
{
    if (const auto found = placed_.find({id, format}); found != placed_.end())
        return found->second;
    const auto& value = graph_.at(id);
    TensorIndex index;
    if (value.constant) {
        index = pack(value.desc, value.view(), format);
    } else if (const auto made = newest_.at(id); builder_.tensor(made).location == program::Location::arena &&
                                                 cpu::is_known(value.desc.data_type) &&
                                                 cpu::describe(value.desc, format) == desc_of(made)) {
        index = builder_.add_alias(made, value.desc, format); // they differ in axes of extent 1 only
    } else {
        index = add_tensor(value.desc, cpu::describe(value.desc, format));
        emit(OpKind::reorder, value.desc.name + "/reorder", {newest_.at(id)}, index, {});
    }
    placed_[{id, format}] = index;
    return index;
}

TensorIndex Lowering::pack(const TensorDesc& desc, const ConstTensorView& elements, const std::string& format)
{
    if (format.empty())
        return builder_.add_weight(desc, format, elements.bytes());
    const auto packed = cpu::describe(desc, format);
    Tensor room(DataType::uint8, {static_cast<std::int64_t>(packed.get_size())});
    memory from(cpu::describe(desc, ""), engine_, const_cast<std::byte*>(elements.data()));
    memory to(packed, engine_, room.data());
    dnnl::stream stream(engine_);
    dnnl::reorder(from, to).execute(stream, from, to);
    stream.wait();
    return builder_.add_weight(desc, format, room.view().bytes());
}

TensorIndex Lowering::add_tensor(const TensorDesc& desc, const memory::desc& layout)
{
    return builder_.add_tensor(desc, cpu::format_name(layout),
                               std::max(layout.get_size(), desc.size_in_bytes()));
}

TensorIndex Lowering::make_output(const Node& node, const memory::desc& layout, std::size_t number)
{
    const auto id = node.outputs[number];
    return place(id, add_tensor(graph_.at(id).desc, layout));
}

TensorIndex Lowering::make_output_over(const Node& node, TensorIndex input, ValueId value)
{
    if (!dies_with(input, value))
        return make_output(node, desc_of(input));
    return place(node.outputs[0],
                 builder_.add_alias(input, graph_.at(node.outputs[0]).desc, builder_.tensor(input).format));
}

bool Lowering::dies_with(TensorIndex index, ValueId value) const
{
    if (builder_.tensor(index).location != program::Location::arena)
        return false;
    const auto root = builder_.root_of(index);
    return std::ranges::all_of(placed_, [&](const auto& entry) {
        const auto id = entry.first.first;
        return builder_.root_of(entry.second) != root || uses_left_[id] == (id == value ? 1u : 0u);
    });
}

TensorIndex Lowering::with_rank(TensorIndex index, std::size_t rank)
{
    auto desc = builder_.tensor(index).desc;
    if (desc.shape.rank() >= rank)
        return index;
    std::vector<std::int64_t> extents(rank - desc.shape.rank(), 1);
    extents.insert(extents.end(), desc.shape.begin(), desc.shape.end());
    desc.shape = Shape(extents);
    desc.layout.clear();
    return builder_.add_alias(index, desc, "");
}

void Lowering::emit(OpKind kind, std::string name, std::vector<TensorIndex> inputs, TensorIndex output,
                    Attributes attributes)
{
    builder_.add_operator({kind, std::move(name), std::move(inputs), {output}, std::move(attributes)});
}

Attributes Lowering::window_attributes(const Node& node, const operators::Window& window)
{
    Attributes attributes;
    attributes.set("kernel_shape", window.kernel);
    attributes.set("strides", window.strides);
    attributes.set("dilations", window.dilations);
    attributes.set("pads_begin", window.pads_begin);
    attributes.set("pads_end", window.pads_end);
    copy_activation(node, attributes);
    return attributes;
}

void Lowering::copy_activation(const Node& node, Attributes& attributes)
{
    for (const auto& [name, value] : node.attributes.all())
        if (name == "activation" || name == "min" || name == "max" || name == "alpha" || name == "beta" ||
            name == "approximate")
            attributes.set(name, value);
}

} // namespace furiosa::compiler
