#include "device/cpu/operators/operators.hpp"

namespace furiosa::device::cpu {

/// A Resize to multiples of the extents, by repetition.
std::unique_ptr<Step> make_resampling(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 1, 1);
    const dnnl::resampling_forward::primitive_desc desc(
        dnnl::resampling_forward::desc(dnnl::prop_kind::forward_inference,
                                       dnnl::algorithm::resampling_nearest, builder.desc(op.inputs[0]),
                                       builder.desc(op.outputs[0])),
        primitive_attributes(op.attributes), builder.engine());
    return builder.step(dnnl::resampling_forward(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_SRC, op.inputs[0]}, {DNNL_ARG_DST, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
