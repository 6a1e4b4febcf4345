#include "device/cpu/memory_format.hpp"
#include "device/cpu/operators/operators.hpp"
#include "device/cpu/operators/window.hpp"
#include "device/cpu/winograd/winograd.hpp"

namespace furiosa::device::cpu {

using dnnl::convolution_forward;
using dnnl::memory;

namespace {

using Arguments = std::vector<std::pair<int, program::TensorIndex>>;

Arguments with_weights(const program::ProgramOperator& op, Arguments tensors)
{
    tensors.emplace_back(DNNL_ARG_WEIGHTS, op.inputs[1]);
    return tensors;
}

/// Which format of the weights oneDNN has a fast kernel for depends on the number of threads, and the program
/// may have been compiled for another: then the weights are packed again, for this step alone.
std::unique_ptr<Step> make_repacked(StepBuilder& builder, const program::ProgramOperator& op,
                                    ConvolutionDescs descs, const Arguments& tensors)
{
    const auto given = convolution_desc(builder.engine(), op.attributes, descs);
    descs.weights = any_format(descs.weights);
    const auto liked = convolution_desc(builder.engine(), op.attributes, descs);
    if (is_reference(liked))
        return builder.step(convolution_forward(given), given.scratchpad_desc(), with_weights(op, tensors));
    return builder.step(convolution_forward(liked), liked.scratchpad_desc(), tensors,
                        {{DNNL_ARG_WEIGHTS, builder.repacked(op.inputs[1], liked.weights_desc())}});
}

} // namespace

bool is_reference(const dnnl::primitive_desc_base& desc)
{
    return std::string_view(desc.impl_info_str()).find("ref") != std::string_view::npos;
}

convolution_forward::primitive_desc convolution_desc(const dnnl::engine& engine,
                                                     const program::Attributes& attributes,
                                                     const ConvolutionDescs& descs)
{
    if (descs.source.dims().size() < 3 || descs.weights.dims().size() < 3)
        throw dnnl::error(dnnl_invalid_arguments, "the input has no axes for a window");
    const auto axes = static_cast<std::size_t>(descs.source.dims().size()) - 2;
    const auto [strides, dilations, begin, end] = window_of(attributes, axes);
    dnnl::post_ops operations;
    if (attributes.integer("accumulate") != 0)
        operations.append_sum();
    const auto kind = dnnl::prop_kind::forward_inference;
    const auto algorithm = dnnl::algorithm::convolution_direct;
    const auto desc =
        descs.bias ? convolution_forward::desc(kind, algorithm, descs.source, descs.weights, *descs.bias,
                                               descs.destination, strides, dilations, begin, end)
                   : convolution_forward::desc(kind, algorithm, descs.source, descs.weights,
                                               descs.destination, strides, dilations, begin, end);
    return {desc, primitive_attributes(attributes, operations), engine};
}

/// Inputs: source, weights, bias (with attribute "bias"), and with "accumulate" the output itself: then the
/// result is added to what is there. (As a post-operation of its own tensor oneDNN 2.6 has only a reference
/// implementation.)
std::unique_ptr<Step> make_convolution(StepBuilder& builder, const program::ProgramOperator& op)
{
    const auto algorithm = op.attributes.get<std::string>("algorithm");
    if (winograd_tile(algorithm) != 0)
        return make_winograd(builder, op);
    if (algorithm == "pointwise")
        return make_pointwise(builder, op);
    const bool has_bias = op.attributes.integer("bias") != 0;
    const bool accumulates = op.attributes.integer("accumulate") != 0;
    const std::size_t inputs = 2u + has_bias + accumulates;
    require_inputs(op, inputs, inputs);
    if (accumulates && op.inputs.back() != op.outputs[0])
        throw dnnl::error(dnnl_invalid_arguments, "it accumulates into another tensor than its output");
    std::vector<std::pair<int, program::TensorIndex>> tensors{{DNNL_ARG_SRC, op.inputs[0]},
                                                              {DNNL_ARG_DST, op.outputs[0]}};
    ConvolutionDescs descs{
        builder.desc(op.inputs[0]), builder.desc(op.inputs[1]), builder.desc(op.outputs[0]), {}};
    if (has_bias) {
        descs.bias = builder.desc(op.inputs[2]);
        tensors.emplace_back(DNNL_ARG_BIAS, op.inputs[2]);
    }
    if (auto strips = make_strips(builder, op, descs))
        return strips;
    const auto desc = convolution_desc(builder.engine(), op.attributes, descs);
    if (is_reference(desc) && builder.tensor(op.inputs[1]).location == program::Location::weight)
        return make_repacked(builder, op, descs, tensors);
    return builder.step(convolution_forward(desc), desc.scratchpad_desc(), with_weights(op, tensors));
}

} // namespace furiosa::device::cpu
