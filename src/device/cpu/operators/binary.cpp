#include "device/cpu/operators/operators.hpp"

namespace furiosa::device::cpu {

using program::OpKind;

namespace {

dnnl::algorithm algorithm_of(OpKind kind)
{
    switch (kind) {
    case OpKind::sub: return dnnl::algorithm::binary_sub;
    case OpKind::mul: return dnnl::algorithm::binary_mul;
    case OpKind::div: return dnnl::algorithm::binary_div;
    default: return dnnl::algorithm::binary_add;
    }
}

} // namespace

/// Both inputs have the rank of the output; extents of 1 broadcast.
std::unique_ptr<Step> make_binary(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 2, 2);
    const dnnl::binary::primitive_desc desc(dnnl::binary::desc(algorithm_of(op.kind), builder.desc(op.inputs[0]),
                                                               builder.desc(op.inputs[1]), builder.desc(op.outputs[0])),
                                            primitive_attributes(op.attributes), builder.engine());
    return builder.step(dnnl::binary(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_SRC_0, op.inputs[0]}, {DNNL_ARG_SRC_1, op.inputs[1]}, {DNNL_ARG_DST, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
