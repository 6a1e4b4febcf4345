#include "device/cpu/operators/operators.hpp"

namespace furiosa::device::cpu {

/// A Resize to multiples of the extents, by repetition. oneDNN 2.6 has a list for each axis, also of an output without
/// elements, whose other extents may be of any size.
std::unique_ptr<Step> make_resampling(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 1, 1);
    const auto& extents = builder.tensor(op.outputs[0]).desc.shape;
    if (extents.element_count() == 0)
        throw dnnl::error(dnnl_invalid_arguments, "there is nothing to make");
    const dnnl::resampling_forward::primitive_desc desc(
        dnnl::resampling_forward::desc(dnnl::prop_kind::forward_inference,
                                       dnnl::algorithm::resampling_nearest, builder.desc(op.inputs[0]),
                                       builder.desc(op.outputs[0])),
        primitive_attributes(op.attributes), builder.engine());
    return builder.step(dnnl::resampling_forward(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_SRC, op.inputs[0]}, {DNNL_ARG_DST, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
