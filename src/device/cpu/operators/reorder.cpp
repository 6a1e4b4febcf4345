#include "device/cpu/operators/operators.hpp"

#include <numeric>

namespace furiosa::device::cpu {

using program::OpKind;

namespace {

/// Describes the source of a Transpose with its axes in the order of the result: oneDNN then just copies.
dnnl::memory::desc transposed(const dnnl::memory::desc& desc, const program::ProgramOperator& op)
{
    const auto rank = desc.dims().size();
    const auto perm = op.attributes.integers("perm");
    std::vector<int> places(rank, -1); // where each axis of the source goes
    for (std::size_t i = 0; i != perm.size() && i != rank; ++i)
        if (perm[i] >= 0 && static_cast<std::size_t>(perm[i]) < rank)
            places[static_cast<std::size_t>(perm[i])] = static_cast<int>(i);
    for (const int place : places)
        if (place < 0 || perm.size() != rank)
            throw dnnl::error(dnnl_invalid_arguments, "perm is no permutation of the axes");
    return desc.permute_axes(places);
}

} // namespace

std::unique_ptr<Step> make_reorder(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 1, 1);
    auto source = builder.desc(op.inputs[0]);
    if (op.kind == OpKind::transpose)
        source = transposed(source, op);
    const auto& engine = builder.engine();
    const dnnl::reorder::primitive_desc desc(engine, source, engine, builder.desc(op.outputs[0]),
                                             primitive_attributes(op.attributes));
    return builder.step(dnnl::reorder(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_FROM, op.inputs[0]}, {DNNL_ARG_TO, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
