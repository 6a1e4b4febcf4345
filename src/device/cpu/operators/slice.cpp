#include "device/cpu/operators/operators.hpp"

namespace furiosa::device::cpu {

dnnl::memory::desc part_desc(const dnnl::memory::desc& whole, const dnnl::memory::desc& part,
                             const std::vector<std::int64_t>& starts)
{
    if (starts.size() != whole.dims().size() || part.dims().size() != starts.size())
        throw dnnl::error(dnnl_invalid_arguments, "a part has another number of axes than the whole");
    for (std::size_t i = 0; i != starts.size(); ++i)
        if (starts[i] < 0 || starts[i] > whole.dims()[i] - part.dims()[i])
            throw dnnl::error(dnnl_invalid_arguments, "a part reaches over the whole");
    return whole.submemory_desc(part.dims(), starts);
}

/// A Slice with steps of 1.
std::unique_ptr<Step> make_slice(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 1, 1);
    const auto part = builder.desc(op.outputs[0]);
    const auto source = part_desc(builder.desc(op.inputs[0]), part, op.attributes.integers("starts"));
    const auto& engine = builder.engine();
    const dnnl::reorder::primitive_desc desc(engine, source, engine, part,
                                             primitive_attributes(op.attributes));
    return builder.step(dnnl::reorder(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_FROM, op.inputs[0]}, {DNNL_ARG_TO, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
