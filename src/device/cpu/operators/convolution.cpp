#include "device/cpu/operators/operators.hpp"
#include "device/cpu/winograd/winograd.hpp"

namespace furiosa::device::cpu {

using dnnl::convolution_forward;
using dnnl::memory;

namespace {

/// ONNX counts dilations from one, oneDNN from zero.
memory::dims dilations_of(const program::Attributes& attributes, std::size_t axes)
{
    auto dilations = attributes.integers("dilations", std::vector<std::int64_t>(axes, 1));
    for (auto& dilation : dilations)
        --dilation;
    return dilations;
}

} // namespace

convolution_forward::primitive_desc convolution_desc(const dnnl::engine& engine,
                                                     const program::Attributes& attributes,
                                                     const ConvolutionDescs& descs)
{
    const auto axes = static_cast<std::size_t>(descs.source.dims().size()) - 2;
    const auto strides = attributes.integers("strides", std::vector<std::int64_t>(axes, 1));
    const auto begin = attributes.integers("pads_begin", std::vector<std::int64_t>(axes, 0));
    const auto end = attributes.integers("pads_end", std::vector<std::int64_t>(axes, 0));
    const auto dilations = dilations_of(attributes, axes);
    if (strides.size() != axes || begin.size() != axes || end.size() != axes || dilations.size() != axes)
        throw dnnl::error(dnnl_invalid_arguments, "the window has another number of axes than the input");
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
    std::vector<std::pair<int, program::TensorIndex>> tensors{
        {DNNL_ARG_SRC, op.inputs[0]}, {DNNL_ARG_WEIGHTS, op.inputs[1]}, {DNNL_ARG_DST, op.outputs[0]}};
    ConvolutionDescs descs{
        builder.desc(op.inputs[0]), builder.desc(op.inputs[1]), builder.desc(op.outputs[0]), {}};
    if (has_bias) {
        descs.bias = builder.desc(op.inputs[2]);
        tensors.emplace_back(DNNL_ARG_BIAS, op.inputs[2]);
    }
    const auto desc = convolution_desc(builder.engine(), op.attributes, descs);
    return builder.step(convolution_forward(desc), desc.scratchpad_desc(), tensors);
}

} // namespace furiosa::device::cpu
