#include "device/cpu/operators/operators.hpp"

namespace furiosa::device::cpu {

dnnl::matmul::primitive_desc mat_mul_desc(const dnnl::engine& engine, const program::Attributes& attributes,
                                          const dnnl::memory::desc& a, const dnnl::memory::desc& b,
                                          const std::optional<dnnl::memory::desc>& bias, const dnnl::memory::desc& y)
{
    const auto desc = bias ? dnnl::matmul::desc(a, b, *bias, y) : dnnl::matmul::desc(a, b, y);
    return {desc, primitive_attributes(attributes), engine};
}

/// Inputs: both factors, and a bias along the last axis (optional). All have the same rank.
std::unique_ptr<Step> make_mat_mul(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 2, 3);
    std::vector<std::pair<int, program::TensorIndex>> tensors{
        {DNNL_ARG_SRC, op.inputs[0]}, {DNNL_ARG_WEIGHTS, op.inputs[1]}, {DNNL_ARG_DST, op.outputs[0]}};
    std::optional<dnnl::memory::desc> bias;
    if (op.inputs.size() == 3) {
        bias = builder.desc(op.inputs[2]);
        tensors.emplace_back(DNNL_ARG_BIAS, op.inputs[2]);
    }
    const auto desc = mat_mul_desc(builder.engine(), op.attributes, builder.desc(op.inputs[0]),
                                   builder.desc(op.inputs[1]), bias, builder.desc(op.outputs[0]));
    return builder.step(dnnl::matmul(desc), desc.scratchpad_desc(), tensors);
}

} // namespace furiosa::device::cpu
