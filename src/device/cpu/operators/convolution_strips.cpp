#include "device/cpu/operators/operators.hpp"
#include "device/cpu/operators/parts_step.hpp"
#include "device/cpu/operators/strips.hpp"

namespace furiosa::device::cpu {

using dnnl::convolution_forward;
using dnnl::memory;

std::unique_ptr<Step> make_strips(StepBuilder& builder, const program::ProgramOperator& op,
                                  const ConvolutionDescs& descs)
{
    if (!can_be_cut(builder, op.inputs[0], op.outputs[0]) ||
        builder.tensor(op.inputs[1]).location != program::Location::weight)
        return nullptr;
    const auto whole =
        convolution_desc(builder.engine(), op.attributes, descs); // what does not fit ends here
    const auto weights_dims = descs.weights.dims();
    const auto window = row_window(op.attributes, weights_dims[weights_dims.size() - 2]);
    if (is_reference(whole))
        return nullptr;
    const auto rows = descs.destination.dims()[2];
    auto step = std::make_unique<PartsStep>(builder.team());
    const int parts = builder.team().size();
    for (int part = 0; part != parts; ++part) {
        const auto strip =
            window_strip(window, descs.source.dims()[2], rows * part / parts, rows * (part + 1) / parts);
        if (strip.source_count <= 0)
            return nullptr;
        auto own = descs;
        own.source = rows_of(descs.source, strip.source_count);
        own.destination = rows_of(descs.destination, strip.count);
        const auto desc = convolution_desc(builder.engine(), strip_attributes(op.attributes, strip), own);
        if (is_reference(desc))
            return nullptr;
        std::vector<std::pair<int, memory>> memories{
            {DNNL_ARG_SRC, rows_at(builder, op.inputs[0], own.source, strip.source_first)},
            {DNNL_ARG_WEIGHTS, builder.memory(op.inputs[1])},
            {DNNL_ARG_DST, rows_at(builder, op.outputs[0], own.destination, strip.first)}};
        if (descs.bias)
            memories.emplace_back(DNNL_ARG_BIAS, builder.memory(op.inputs[2]));
        step->add(make_part(builder, convolution_forward(desc), desc.scratchpad_desc(), std::move(memories)));
    }
    return step;
}

} // namespace furiosa::device::cpu
