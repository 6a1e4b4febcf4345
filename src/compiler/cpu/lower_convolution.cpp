#include "compiler/cpu/choose_algorithm.hpp"
#include "compiler/cpu/lowering.hpp"
#include "device/cpu/memory_format.hpp"
#include "device/cpu/operators/operators.hpp"
#include "device/cpu/pointwise/pointwise.hpp"
#include "device/cpu/winograd/winograd.hpp"

#include <furiosa/compiler/infer_shape.hpp>

#include <algorithm>

namespace furiosa::compiler {

namespace cpu = device::cpu;
using dnnl::memory;

/// oneDNN wants the groups of a grouped convolution as an axis of their own.
TensorDesc Lowering::weights_desc(const Node& node) const
{
    auto desc = graph_.at(node.inputs[1]).desc;
    const auto group = node.attributes.integer("group", 1);
    if (group == 1)
        return desc;
    std::vector<std::int64_t> extents{group, desc.shape[0] / group};
    extents.insert(extents.end(), desc.shape.begin() + 1, desc.shape.end());
    desc.shape = Shape(extents);
    desc.layout.clear();
    return desc;
}

/// Images as they lie here, unless oneDNN has no better than a reference implementation for that: then as it
/// likes.
dnnl::convolution_forward::primitive_desc
Lowering::convolution_for(const Node& node, const Attributes& attributes, const TensorDesc& weights) const
{
    const auto& x = graph_.at(node.inputs[0]).desc;
    const auto& y = graph_.at(node.outputs[0]).desc;
    cpu::ConvolutionDescs descs{cpu::describe(x, image_format(x.shape)),
                                cpu::any_format(cpu::describe(weights, "")),
                                cpu::describe(y, image_format(y.shape)),
                                {}};
    if (node.has_input(2))
        descs.bias = dense_desc(node.inputs[2]);
    if (!image_format(y.shape).empty())
        try {
            auto chosen = cpu::convolution_desc(engine_, attributes, descs);
            if (!cpu::is_reference(chosen))
                return chosen;
        } catch (const dnnl::error&) {
            // Another format may do.
        }
    descs.source = cpu::any_format(descs.source);
    descs.destination = cpu::any_format(descs.destination);
    return cpu::convolution_desc(engine_, attributes, descs);
}

operators::Window Lowering::window_of(const Node& node) const
{
    const auto& kernel = graph_.shape(node.inputs[1]);
    return operators::window_of(operation_of(node), graph_.shape(node.inputs[0]), {kernel.begin() + 2, kernel.end()});
}

/// Or may it, if it is the fastest?
bool Lowering::runs_own_kernel(const Node& node) const
{
    if (node.kind != OpKind::conv || !suits_onednn(node))
        return false;
    const auto window = window_of(node);
    return suits_pointwise(node, window) || suits_winograd(graph_, node, window);
}

void Lowering::lower_conv(const Node& node)
{
    const auto window = window_of(node);
    if (lower_pointwise(node, window) || lower_winograd(node, window))
        return;
    auto attributes = window_attributes(node, window);
    attributes.set("bias", std::int64_t{node.has_input(2)});
    attributes.set("accumulate", std::int64_t{node.has_input(3)});
    const auto weights = weights_desc(node);
    const auto chosen = convolution_for(node, attributes, weights);
    std::vector<TensorIndex> inputs{in_format(node.inputs[0], cpu::format_name(chosen.src_desc())),
                                    place_weights(node.inputs[1], weights, chosen.weights_desc())};
    if (node.has_input(2))
        inputs.push_back(in_format(node.inputs[2], ""));
    const auto output =
        node.has_input(3) ? make_accumulator(node, chosen.dst_desc()) : make_output(node, chosen.dst_desc());
    if (node.has_input(3))
        inputs.push_back(output);
    emit(OpKind::conv, node.name, std::move(inputs), output, std::move(attributes));
}

/// Where it can compute the convolution, and is faster than the direct algorithm.
bool Lowering::lower_winograd(const Node& node, const operators::Window& window)
{
    if (!suits_winograd(graph_, node, window))
        return false;
    const auto key = convolution_key(graph_, node);
    const auto known = algorithms_.find(key);
    const auto algorithm = !options_.algorithm.empty()  ? options_.algorithm
                           : known != algorithms_.end() ? known->second
                                                        : choose_algorithm(graph_, node, options_);
    algorithms_[key] = algorithm;
    const int tile = cpu::winograd_tile(algorithm);
    if (tile == 0 || (tile == 2 && window.strides[0] == 2))
        return false;
    const auto& weights = graph_.at(node.inputs[1]);
    const auto packed =
        cpu::pack_winograd_weights(tile, static_cast<int>(window.strides[0]), weights.desc.shape[1],
                                   weights.desc.shape[0], weights.view().as<float>());
    emit_own(node, window, algorithm, packed);
    return true;
}

/// One of 1 x 1 is a product of matrices, which does without oneDNN.
bool Lowering::suits_pointwise(const Node& node, const operators::Window& window) const
{
    const auto all = [](const std::vector<std::int64_t>& list, std::int64_t value) {
        return list.size() == 2 && std::ranges::all_of(list, [&](auto element) { return element == value; });
    };
    const auto& weights = graph_.at(node.inputs[1]);
    return cpu::has_pointwise() && weights.constant && node.attributes.integer("group", 1) == 1 &&
           all(window.kernel, 1) && all(window.pads_begin, 0) && all(window.pads_end, 0) &&
           cpu::activation_of(node.attributes);
}

bool Lowering::lower_pointwise(const Node& node, const operators::Window& window)
{
    if (!suits_pointwise(node, window))
        return false;
    const auto& weights = graph_.at(node.inputs[1]);
    const auto packed =
        cpu::pack_pointwise_weights(weights.desc.shape[1], weights.desc.shape[0], weights.view().as<float>());
    emit_own(node, window, "pointwise", packed);
    return true;
}

/// Weights as one of our own algorithms reads them.
TensorIndex Lowering::add_packed(const std::string& name, std::span<const float> packed)
{
    TensorDesc desc;
    desc.name = name;
    desc.shape = Shape{static_cast<std::int64_t>(packed.size())};
    return builder_.add_weight(desc, "", std::as_bytes(packed));
}

/// A convolution by one of our own algorithms, which take a residual from wherever it is.
void Lowering::emit_own(const Node& node, const operators::Window& window, const std::string& algorithm,
                        std::span<const float> packed)
{
    auto attributes = window_attributes(node, window);
    attributes.set("algorithm", algorithm);
    attributes.set("bias", std::int64_t{node.has_input(2)});
    attributes.set("residual", std::int64_t{node.has_input(3)});
    std::vector<TensorIndex> inputs{as_image(node.inputs[0]),
                                    add_packed(graph_.at(node.inputs[1]).desc.name, packed)};
    if (node.has_input(2))
        inputs.push_back(in_format(node.inputs[2], ""));
    if (node.has_input(3))
        inputs.push_back(as_image(node.inputs[3]));
    const auto output = make_image(node, node.has_input(3) ? std::optional(inputs.back()) : std::nullopt);
    emit(OpKind::conv, node.name, std::move(inputs), output, std::move(attributes));
}

/// The output of a kernel of our own: where a Concat wants it, or over a residual that nobody needs any more.
TensorIndex Lowering::make_image(const Node& node, std::optional<TensorIndex> residual)
{
    const auto id = node.outputs[0];
    if (homes_.contains(id))
        return place(id, at_home(id));
    const bool lies_well = residual && (!cpu::is_pitched(builder_.tensor(*residual).format) || parts_.contains(id));
    if (lies_well && dies_with(*residual, node.inputs[3]))
        return make_output_over(node, *residual, node.inputs[3]);
    const auto& desc = graph_.at(id).desc;
    return make_output(node, cpu::describe(desc, image_format(desc.shape)));
}

/// The output of a convolution that adds to its residual: in the residual's place if nobody needs that any
/// more, else a copy of it.
TensorIndex Lowering::make_accumulator(const Node& node, const memory::desc& layout)
{
    const auto residual = in_format(node.inputs[3], cpu::format_name(layout));
    const auto output = make_output_over(node, residual, node.inputs[3]);
    if (!builder_.begin_together(output, residual))
        emit(OpKind::reorder, node.name + "/residual", {residual}, output, {});
    return output;
}

TensorIndex Lowering::place_weights(ValueId id, const TensorDesc& desc, const memory::desc& layout)
{
    const auto& value = graph_.at(id);
    const auto format = cpu::format_name(layout);
    if (value.constant)
        return pack(desc, {value.constant->data(), desc.data_type, desc.shape}, format);
    const auto dense = builder_.add_alias(in_format(id, ""), desc, "");
    if (format.empty())
        return dense;
    const auto packed = add_tensor(desc, layout);
    emit(OpKind::reorder, desc.name + "/reorder", {dense}, packed, {});
    return packed;
}

} // namespace furiosa::compiler
