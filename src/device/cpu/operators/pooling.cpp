#include "device/cpu/operators/operators.hpp"
#include "device/cpu/operators/parts_step.hpp"
#include "device/cpu/operators/strips.hpp"
#include "device/cpu/operators/window.hpp"

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

/// On strips of the output, one for each thread of the team; null where it cannot be cut so.
std::unique_ptr<Step> make_pooling_strips(StepBuilder& builder, const program::ProgramOperator& op)
{
    if (!can_be_cut(builder, op.inputs[0], op.outputs[0]))
        return nullptr;
    const auto window = row_window(op.attributes, kernel_of(op.attributes, 2)[0]);
    const auto x = builder.desc(op.inputs[0]);
    const auto y = builder.desc(op.outputs[0]);
    const auto rows = y.dims()[2];
    auto step = std::make_unique<PartsStep>(builder.team());
    const int parts = builder.team().size();
    for (int part = 0; part != parts; ++part) {
        const auto strip =
            window_strip(window, x.dims()[2], rows * part / parts, rows * (part + 1) / parts);
        if (strip.source_count <= 0)
            return nullptr;
        const auto source = rows_of(x, strip.source_count);
        const auto destination = rows_of(y, strip.count);
        auto own = op;
        own.attributes = strip_attributes(op.attributes, strip);
        const auto desc = pooling_desc(builder.engine(), own, source, destination);
        step->add(make_part(builder, pooling_v2_forward(desc), desc.scratchpad_desc(),
                            {{DNNL_ARG_SRC, rows_at(builder, op.inputs[0], source, strip.source_first)},
                             {DNNL_ARG_DST, rows_at(builder, op.outputs[0], destination, strip.first)}}));
    }
    return step;
}

} // namespace

pooling_v2_forward::primitive_desc pooling_desc(const dnnl::engine& engine, const program::ProgramOperator& op,
                                                const dnnl::memory::desc& x, const dnnl::memory::desc& y)
{
    if (x.dims().size() < 3)
        throw dnnl::error(dnnl_invalid_arguments, "the input has no axes for a window");
    const auto axes = x.dims().size() - 2;
    const auto kernel = kernel_of(op.attributes, axes);
    const auto [strides, dilations, begin, end] = window_of(op.attributes, axes);
    return {pooling_v2_forward::desc(dnnl::prop_kind::forward_inference, algorithm_of(op), x, y, strides, kernel,
                                     dilations, begin, end),
            primitive_attributes(op.attributes), engine};
}

std::unique_ptr<Step> make_pooling(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 1, 1);
    const auto desc = pooling_desc(builder.engine(), op, builder.desc(op.inputs[0]), builder.desc(op.outputs[0]));
    if (auto strips = make_pooling_strips(builder, op))
        return strips;
    return builder.step(pooling_v2_forward(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_SRC, op.inputs[0]}, {DNNL_ARG_DST, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
