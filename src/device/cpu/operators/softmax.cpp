#include "device/cpu/operators/operators.hpp"

namespace furiosa::device::cpu {

std::unique_ptr<Step> make_softmax(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 1, 1);
    const auto source = builder.desc(op.inputs[0]);
    const auto axis = op.attributes.integer("axis");
    if (source != builder.desc(op.outputs[0]) || axis < 0 || axis >= static_cast<std::int64_t>(source.dims().size()))
        throw dnnl::error(dnnl_invalid_arguments, "input and output differ, or there is no such axis");
    const dnnl::softmax_forward::primitive_desc desc(
        dnnl::softmax_forward::desc(dnnl::prop_kind::forward_inference, source, static_cast<int>(axis)),
        primitive_attributes(op.attributes), builder.engine());
    return builder.step(dnnl::softmax_forward(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_SRC, op.inputs[0]}, {DNNL_ARG_DST, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
