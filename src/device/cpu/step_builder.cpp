#include "device/cpu/step_builder.hpp"

namespace furiosa::device::cpu {

dnnl::memory& StepBuilder::memory(program::TensorIndex index)
{
    if (index >= memories_.size() || !memories_[index])
        throw dnnl::error(dnnl_invalid_arguments,
                          "a tensor is missing, or of a type that this operator does not take");
    return memories_[index];
}

std::unique_ptr<Step> StepBuilder::step(dnnl::primitive primitive, const dnnl::memory::desc& scratchpad,
                                        const std::vector<std::pair<int, program::TensorIndex>>& tensors,
                                        const std::vector<std::pair<int, dnnl::memory>>& own)
{
    std::vector<dnnl_exec_arg_t> arguments;
    for (const auto& [argument, tensor] : tensors)
        arguments.push_back({argument, memory(tensor).get()});
    if (scratchpad.get_size() != 0) {
        scratchpads_.emplace_back(scratchpad, engine_, nullptr);
        arguments.push_back({DNNL_ARG_SCRATCHPAD, scratchpads_.back().get()});
    }
    std::vector<dnnl::memory> kept;
    for (const auto& [argument, memory] : own) {
        arguments.push_back({argument, memory.get()});
        kept.push_back(memory);
    }
    return std::make_unique<PrimitiveStep>(std::move(primitive), std::move(arguments), std::move(kept));
}

dnnl::memory StepBuilder::repacked(program::TensorIndex weight, const dnnl::memory::desc& desc)
{
    auto& from = memory(weight);
    dnnl::memory to(desc, engine_);
    dnnl::stream stream(engine_);
    dnnl::reorder(from, to).execute(stream, from, to);
    stream.wait();
    return to;
}

dnnl::memory StepBuilder::scratch(std::size_t size)
{
    const dnnl::memory::desc desc({static_cast<std::int64_t>(size)}, dnnl::memory::data_type::u8,
                                  dnnl::memory::format_tag::a);
    scratchpads_.emplace_back(desc, engine_, nullptr);
    return scratchpads_.back();
}

} // namespace furiosa::device::cpu
