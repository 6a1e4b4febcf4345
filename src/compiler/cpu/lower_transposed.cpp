#include "compiler/cpu/lowering.hpp"
#include "device/cpu/memory_format.hpp"
#include "device/cpu/operators/operators.hpp"

#include <furiosa/compiler/infer_shape.hpp>
#include <furiosa/core/error.hpp>

namespace furiosa::compiler {

namespace cpu = device::cpu;

namespace {

/// A program has formats by their names: without one the definition must do.
bool formats_have_names(const dnnl::deconvolution_forward::primitive_desc& desc)
{
    const auto x = desc.src_desc();
    try {
        for (const auto& layout :
             {x, desc.dst_desc(), cpu::with_channels_swapped(desc.weights_desc(), x.dims().size())})
            cpu::format_name(layout);
        return true;
    } catch (const Error&) {
        return false;
    }
}

} // namespace

/// With the channels innermost, else as oneDNN likes; nothing if it has but a reference implementation.
std::optional<dnnl::deconvolution_forward::primitive_desc>
Lowering::deconvolution_for(const Node& node, const Attributes& attributes, const TensorDesc& weights) const
{
    const auto& x = graph_.at(node.inputs[0]).desc;
    const auto& y = graph_.at(node.outputs[0]).desc;
    const auto innermost = x.shape.rank() == 3 ? "acb" : x.shape.rank() == 4 ? "acdb" : "acdeb";
    cpu::ConvolutionDescs descs{cpu::describe(x, innermost),
                                cpu::any_format(cpu::describe(weights, "")),
                                cpu::describe(y, innermost),
                                {}};
    const bool lie_otherwise = x.shape.rank() == 4 && image_format(x.shape).empty();
    for (const bool as_liked : {lie_otherwise, true}) {
        if (as_liked) {
            descs.source = cpu::any_format(descs.source);
            descs.destination = cpu::any_format(descs.destination);
        }
        try {
            auto chosen = cpu::deconvolution_desc(engine_, attributes, descs);
            if (!cpu::is_reference(chosen) && formats_have_names(chosen))
                return chosen;
        } catch (const dnnl::error&) {
            // Another format may do, or none.
        }
    }
    return std::nullopt;
}

void Lowering::lower_conv_transpose(const Node& node)
{
    if (node.has_input(2) && !graph_.is_constant(node.inputs[2]))
        return lower_plain(node);
    const auto& x = graph_.shape(node.inputs[0]);
    const auto window = operators::transposed_window_of(operation_of(node), x, graph_.shape(node.inputs[1]));
    auto attributes = window_attributes(node, window);
    attributes.set("bias", std::int64_t{node.has_input(2)});
    const auto weights = weights_desc(node);
    const auto chosen = deconvolution_for(node, attributes, weights);
    if (!chosen)
        return lower_plain(node);
    const auto layout = cpu::with_channels_swapped(chosen->weights_desc(), x.rank());
    std::vector<TensorIndex> inputs{in_format(node.inputs[0], cpu::format_name(chosen->src_desc())),
                                    place_weights(node.inputs[1], weights, layout)};
    if (node.has_input(2))
        inputs.push_back(in_format(node.inputs[2], ""));
    emit(node.kind, node.name, std::move(inputs), make_output(node, chosen->dst_desc()),
         std::move(attributes));
}

} // namespace furiosa::compiler
