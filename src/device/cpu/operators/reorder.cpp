#include "device/cpu/operators/operators.hpp"

namespace furiosa::device::cpu {

using program::OpKind;

dnnl::memory::desc transposed_desc(const dnnl::memory::desc& desc, const std::vector<std::int64_t>& perm)
{
    const auto rank = desc.dims().size();
    std::vector<int> places(rank, -1); // where each axis of the source goes
    for (std::size_t i = 0; i != perm.size() && i != rank; ++i)
        if (perm[i] >= 0 && static_cast<std::size_t>(perm[i]) < rank)
            places[static_cast<std::size_t>(perm[i])] = static_cast<int>(i);
    for (const int place : places)
        if (place < 0 || perm.size() != rank)
            throw dnnl::error(dnnl_invalid_arguments, "perm is no permutation of the axes");
    return desc.permute_axes(places);
}

std::unique_ptr<Step> make_reorder(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 1, 1);
    auto source = builder.desc(op.inputs[0]);
    if (op.kind == OpKind::transpose)
        source = transposed_desc(source, op.attributes.integers("perm"));
    const auto& engine = builder.engine();
    const dnnl::reorder::primitive_desc desc(engine, source, engine, builder.desc(op.outputs[0]),
                                             primitive_attributes(op.attributes));
    return builder.step(dnnl::reorder(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_FROM, op.inputs[0]}, {DNNL_ARG_TO, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
