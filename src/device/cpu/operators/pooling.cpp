#include "device/cpu/operators/operators.hpp"

#include <initializer_list>

namespace furiosa::device::cpu {

using dnnl::pooling_v2_forward;
using program::OpKind;

namespace {

dnnl::algorithm algorithm_of(const program::ProgramOperator& op)
{
    if (op.kind == OpKind::max_pool)
        return dnnl::algorithm::pooling_max;
    return op.attributes.integer("count_include_pad") != 0 ? dnnl::algorithm::pooling_avg_include_padding
                                                           : dnnl::algorithm::pooling_avg_exclude_padding;
}

} // namespace

pooling_v2_forward::primitive_desc pooling_desc(const dnnl::engine& engine, const program::ProgramOperator& op,
                                                const dnnl::memory::desc& x, const dnnl::memory::desc& y)
{
    if (x.dims().size() < 3)
        throw dnnl::error(dnnl_invalid_arguments, "the input has no axes for a window");
    const auto axes = x.dims().size() - 2;
    const auto kernel = op.attributes.integers("kernel_shape");
    const auto strides = op.attributes.integers("strides");
    const auto begin = op.attributes.integers("pads_begin");
    const auto end = op.attributes.integers("pads_end");
    auto dilations = op.attributes.integers("dilations");
    for (const auto* list : std::initializer_list<const dnnl::memory::dims*>{&kernel, &strides, &begin, &end, &dilations})
        if (list->size() != axes)
            throw dnnl::error(dnnl_invalid_arguments, "the window has another number of axes than the input");
    for (auto& dilation : dilations)
        --dilation;
    return {pooling_v2_forward::desc(dnnl::prop_kind::forward_inference, algorithm_of(op), x, y, strides, kernel,
                                     dilations, begin, end),
            primitive_attributes(op.attributes), engine};
}

std::unique_ptr<Step> make_pooling(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 1, 1);
    const auto desc = pooling_desc(builder.engine(), op, builder.desc(op.inputs[0]), builder.desc(op.outputs[0]));
    return builder.step(pooling_v2_forward(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_SRC, op.inputs[0]}, {DNNL_ARG_DST, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
