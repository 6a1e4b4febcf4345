#include "device/cpu/operators/operators.hpp"
#include "device/cpu/operators/parts_step.hpp"
#include "device/cpu/operators/pieces.hpp"

namespace furiosa::device::cpu {

namespace {

dnnl::eltwise_forward::primitive_desc eltwise_desc(const StepBuilder& builder, const EltwiseFunction& function,
                                                   const program::Attributes& attributes,
                                                   const dnnl::memory::desc& elements)
{
    return {dnnl::eltwise_forward::desc(dnnl::prop_kind::forward_inference, function.algorithm, elements,
                                        function.alpha, function.beta),
            primitive_attributes(attributes), builder.engine()};
}

} // namespace

std::unique_ptr<Step> make_eltwise(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 1, 1);
    const auto function = eltwise_function(op.kind, op.attributes);
    if (!function)
        throw dnnl::error(dnnl_invalid_arguments, "there is no such function of elements");
    const auto source = builder.desc(op.inputs[0]);
    if (source != builder.desc(op.outputs[0]))
        throw dnnl::error(dnnl_invalid_arguments, "input and output differ in shape or format");
    auto parts = std::make_unique<PartsStep>(builder.team());
    const auto pieces = pieces_of(builder, {op.inputs[0], op.outputs[0]});
    for (const auto& piece : pieces) {
        const auto desc = eltwise_desc(builder, *function, op.attributes, piece_desc(piece));
        parts->add(make_part(builder, dnnl::eltwise_forward(desc), desc.scratchpad_desc(),
                             {{DNNL_ARG_SRC, piece_of(builder, op.inputs[0], piece)},
                              {DNNL_ARG_DST, piece_of(builder, op.outputs[0], piece)}}));
    }
    if (!pieces.empty())
        return parts;
    const auto desc = eltwise_desc(builder, *function, op.attributes, source);
    return builder.step(dnnl::eltwise_forward(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_SRC, op.inputs[0]}, {DNNL_ARG_DST, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
