#include "device/cpu/operators/operators.hpp"
#include "device/cpu/operators/parts_step.hpp"
#include "device/cpu/operators/pieces.hpp"
#include "device/cpu/operators/strips.hpp"

namespace furiosa::device::cpu {

using dnnl::memory;
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

dnnl::binary::primitive_desc binary_desc(const StepBuilder& builder, const program::ProgramOperator& op,
                                         const memory::desc& a, const memory::desc& b, const memory::desc& y)
{
    return {dnnl::binary::desc(algorithm_of(op.kind), a, b, y), primitive_attributes(op.attributes), builder.engine()};
}

std::unique_ptr<Step> make_binary_part(StepBuilder& builder, const program::ProgramOperator& op, const memory& a,
                                       const memory& b, const memory& y)
{
    const auto desc = binary_desc(builder, op, a.get_desc(), b.get_desc(), y.get_desc());
    return make_part(builder, dnnl::binary(desc), desc.scratchpad_desc(),
                     {{DNNL_ARG_SRC_0, a}, {DNNL_ARG_SRC_1, b}, {DNNL_ARG_DST, y}});
}

/// Is this one number for each channel, and the same image otherwise?
bool is_per_channel(const memory::desc& b, const memory::desc& image)
{
    const auto dims = image.dims();
    return b.dims() == memory::dims{1, dims[1], 1, 1} || b.dims() == memory::dims{1, 1, 1, 1};
}

/// Null where one thread does it all.
std::unique_ptr<Step> make_binary_parts(StepBuilder& builder, const program::ProgramOperator& op)
{
    const auto a = op.inputs[0];
    const auto b = op.inputs[1];
    const auto y = op.outputs[0];
    auto step = std::make_unique<PartsStep>(builder.team());
    const auto pieces = pieces_of(builder, {y, a, b});
    for (const auto& piece : pieces)
        step->add(make_binary_part(builder, op, piece_of(builder, a, piece), piece_of(builder, b, piece),
                                   piece_of(builder, y, piece)));
    if (!pieces.empty())
        return step;
    if (pieces_of(builder, {y, a}).empty() || !can_be_cut(builder, a, y) ||
        !is_per_channel(builder.desc(b), builder.desc(y)))
        return nullptr;
    const auto image = builder.desc(y);
    const auto rows = image.dims()[2];
    const int parts = builder.team().size();
    for (int part = 0; part != parts; ++part) {
        const auto first = rows * part / parts;
        const auto strip = rows_of(image, rows * (part + 1) / parts - first);
        step->add(make_binary_part(builder, op, rows_at(builder, a, strip, first), builder.memory(b),
                                   rows_at(builder, y, strip, first)));
    }
    return step;
}

} // namespace

/// Both inputs have the rank of the output; extents of 1 broadcast.
std::unique_ptr<Step> make_binary(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 2, 2);
    const auto desc = binary_desc(builder, op, builder.desc(op.inputs[0]), builder.desc(op.inputs[1]),
                                  builder.desc(op.outputs[0]));
    if (auto parts = make_binary_parts(builder, op))
        return parts;
    return builder.step(dnnl::binary(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_SRC_0, op.inputs[0]}, {DNNL_ARG_SRC_1, op.inputs[1]}, {DNNL_ARG_DST, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
