#include "device/cpu/operators/operators.hpp"

namespace furiosa::device::cpu {

std::unique_ptr<Step> make_eltwise(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 1, 1);
    const auto function = eltwise_function(op.kind, op.attributes);
    if (!function)
        throw dnnl::error(dnnl_invalid_arguments, "there is no such function of elements");
    const auto source = builder.desc(op.inputs[0]);
    if (source != builder.desc(op.outputs[0]))
        throw dnnl::error(dnnl_invalid_arguments, "input and output differ in shape or format");
    const dnnl::eltwise_forward::primitive_desc desc(
        dnnl::eltwise_forward::desc(dnnl::prop_kind::forward_inference, function->algorithm, source,
                                    function->alpha, function->beta),
        primitive_attributes(op.attributes), builder.engine());
    return builder.step(dnnl::eltwise_forward(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_SRC, op.inputs[0]}, {DNNL_ARG_DST, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
