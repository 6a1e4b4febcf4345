#include "device/cpu/operators/operators.hpp"

#include <algorithm>

namespace furiosa::device::cpu {

std::unique_ptr<Step> make_concat(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 1, std::max<std::size_t>(op.inputs.size(), 1));
    const auto axis = op.attributes.integer("axis");
    const auto rank = builder.desc(op.outputs[0]).dims().size();
    if (axis < 0 || axis >= static_cast<std::int64_t>(rank))
        throw dnnl::error(dnnl_invalid_arguments, "there is no such axis");
    std::vector<dnnl::memory::desc> sources;
    std::vector<std::pair<int, program::TensorIndex>> tensors{{DNNL_ARG_DST, op.outputs[0]}};
    for (std::size_t i = 0; i != op.inputs.size(); ++i) {
        sources.push_back(builder.desc(op.inputs[i]));
        if (sources.back().dims().size() != rank)
            throw dnnl::error(dnnl_invalid_arguments, "an input has another number of axes than the output");
        tensors.emplace_back(DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i), op.inputs[i]);
    }
    const dnnl::concat::primitive_desc desc(builder.desc(op.outputs[0]),
                                            static_cast<int>(axis), sources, builder.engine(),
                                            primitive_attributes(op.attributes));
    return builder.step(dnnl::concat(desc), desc.scratchpad_desc(), tensors);
}

} // namespace furiosa::device::cpu
