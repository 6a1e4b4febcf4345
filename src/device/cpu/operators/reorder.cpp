#include "device/cpu/operators/operators.hpp"
#include "device/cpu/operators/parts_step.hpp"

#include <algorithm>

namespace furiosa::device::cpu {

using dnnl::memory;
using program::OpKind;

namespace {

/// Copies some of the elements. Where they are changes from run to run.
class PartialReorder final : public Step
{
public:
    PartialReorder(const dnnl::reorder::primitive_desc& desc, memory source, memory destination)
        : source_(std::move(source)),
          destination_(std::move(destination)),
          from_(desc.src_desc(), source_.get_engine(), nullptr),
          to_(desc.dst_desc(), source_.get_engine(), nullptr),
          primitive_(desc),
          arguments_{{DNNL_ARG_FROM, from_.get()}, {DNNL_ARG_TO, to_.get()}}
    {
    }

    void run(dnnl_stream_t stream) override
    {
        from_.set_data_handle(source_.get_data_handle());
        to_.set_data_handle(destination_.get_data_handle());
        dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive_.get(), stream,
                                                       static_cast<int>(arguments_.size()), arguments_.data()),
                                "a primitive could not be executed");
    }

private:
    memory source_;
    memory destination_;
    memory from_;
    memory to_;
    dnnl::reorder primitive_;
    std::vector<dnnl_exec_arg_t> arguments_;
};

bool has_blocks(const memory::desc& desc)
{
    return desc.data.format_desc.blocking.inner_nblks != 0;
}

/// Along the longest axis; null where that does not pay, or would cut a block. `source` has the axes of the
/// destination.
std::unique_ptr<Step> make_reorder_parts(StepBuilder& builder, const program::ProgramOperator& op,
                                         const memory::desc& source, const memory::desc& destination)
{
    constexpr std::int64_t fewest = 16 * 1024; // elements
    const auto dims = destination.dims();
    const auto axis = static_cast<std::size_t>(std::ranges::max_element(dims) - dims.begin());
    const std::int64_t threads = builder.team().size();
    if (threads == 1 || builder.tensor(op.outputs[0]).desc.shape.element_count() < fewest ||
        dims[axis] < 2 * threads || has_blocks(source) || has_blocks(destination))
        return nullptr;
    auto step = std::make_unique<PartsStep>(builder.team());
    for (std::int64_t part = 0; part != threads; ++part) {
        memory::dims start(dims.size());
        start[axis] = dims[axis] * part / threads;
        auto extents = dims;
        extents[axis] = dims[axis] * (part + 1) / threads - start[axis];
        const auto& engine = builder.engine();
        const dnnl::reorder::primitive_desc desc(engine, source.submemory_desc(extents, start), engine,
                                                 destination.submemory_desc(extents, start),
                                                 primitive_attributes(op.attributes));
        if (desc.scratchpad_desc().get_size() != 0)
            return nullptr; // parts would share it
        step->add(std::make_unique<PartialReorder>(desc, builder.memory(op.inputs[0]), builder.memory(op.outputs[0])));
    }
    return step;
}

} // namespace

memory::desc transposed_desc(const memory::desc& desc, const std::vector<std::int64_t>& perm)
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
    const auto destination = builder.desc(op.outputs[0]);
    const auto& engine = builder.engine();
    const dnnl::reorder::primitive_desc desc(engine, source, engine, destination,
                                             primitive_attributes(op.attributes));
    if (auto parts = make_reorder_parts(builder, op, source, destination))
        return parts;
    return builder.step(dnnl::reorder(desc), desc.scratchpad_desc(),
                        {{DNNL_ARG_FROM, op.inputs[0]}, {DNNL_ARG_TO, op.outputs[0]}});
}

} // namespace furiosa::device::cpu
