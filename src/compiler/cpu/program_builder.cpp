#include "compiler/cpu/program_builder.hpp"

#include "compiler/memory_plan.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>

namespace furiosa::compiler {

using program::Location;
using program::ProgramTensor;

namespace {

constexpr std::size_t alignment = 64;

/// The caller's buffers are dense.
bool may_be_callers(const ProgramTensor& tensor)
{
    return tensor.location == Location::arena && tensor.format.empty() &&
           tensor.size == tensor.desc.size_in_bytes();
}

} // namespace

TensorIndex ProgramBuilder::add(ProgramTensor tensor)
{
    const auto index = static_cast<TensorIndex>(content_.tensors.size());
    content_.tensors.push_back(std::move(tensor));
    roots_.push_back(index);
    starts_.push_back(0);
    return index;
}

TensorIndex ProgramBuilder::add_input(const TensorDesc& desc)
{
    const auto index = add({desc, "", Location::input, content_.inputs.size(), desc.size_in_bytes()});
    content_.inputs.push_back(index);
    return index;
}

TensorIndex ProgramBuilder::add_tensor(const TensorDesc& desc, std::string format, std::uint64_t size)
{
    return add({desc, std::move(format), Location::arena, 0, size});
}

TensorIndex ProgramBuilder::add_weight(const TensorDesc& desc, std::string format,
                                       std::span<const std::byte> bytes)
{
    weights_.resize((weights_.size() + alignment - 1) / alignment * alignment);
    const auto offset = weights_.size();
    weights_.insert(weights_.end(), bytes.begin(), bytes.end());
    return add({desc, std::move(format), Location::weight, offset, bytes.size()});
}

TensorIndex ProgramBuilder::add_alias(TensorIndex of, const TensorDesc& desc, std::string format)
{
    auto tensor = content_.tensors[of];
    tensor.desc = desc;
    tensor.format = std::move(format);
    const auto index = add(std::move(tensor));
    roots_[index] = root_of(of);
    starts_[index] = starts_[of];
    return index;
}

TensorIndex ProgramBuilder::add_part(TensorIndex of, const TensorDesc& desc, std::string format, std::uint64_t start,
                                     std::uint64_t size)
{
    const auto index = add_alias(of, desc, std::move(format));
    starts_[index] += start;
    content_.tensors[index].size = size;
    return index;
}

bool ProgramBuilder::begin_together(TensorIndex a, TensorIndex b) const
{
    return roots_[a] == roots_[b] && starts_[a] == starts_[b];
}

TensorIndex ProgramBuilder::root_of(TensorIndex index) const
{
    return roots_[index];
}

bool ProgramBuilder::make_output(TensorIndex tensor)
{
    const auto root = root_of(tensor);
    for (std::size_t i = 0; i != content_.tensors.size(); ++i)
        if (roots_[i] == root && !may_be_callers(content_.tensors[i]))
            return false;
    for (std::size_t i = 0; i != content_.tensors.size(); ++i)
        if (roots_[i] == root) {
            content_.tensors[i].location = Location::output;
            content_.tensors[i].offset = content_.outputs.size();
        }
    return true;
}

void ProgramBuilder::add_output(TensorIndex tensor)
{
    content_.outputs.push_back(tensor);
}

void ProgramBuilder::place_in_arena()
{
    std::vector<Lifetime> lifetimes(content_.tensors.size());
    std::vector<bool> seen(content_.tensors.size());
    for (std::size_t i = 0; i != content_.operators.size(); ++i) {
        const auto& op = content_.operators[i];
        for (const auto* list : {&op.inputs, &op.outputs})
            for (const auto index : *list) {
                if (index == program::no_tensor)
                    continue;
                const auto root = root_of(index);
                if (content_.tensors[root].location != Location::arena)
                    continue;
                if (!seen[root])
                    lifetimes[root] = {content_.tensors[root].size, i, i};
                seen[root] = true;
                lifetimes[root].last = i;
            }
    }
    const auto plan = plan_memory(lifetimes);
    content_.arena_size = plan.size;
    for (std::size_t i = 0; i != content_.tensors.size(); ++i)
        if (content_.tensors[i].location == Location::arena)
            content_.tensors[i].offset = plan.offsets[roots_[i]] + starts_[i];
}

program::ProgramContent ProgramBuilder::finish(std::string target)
{
    place_in_arena();
    content_.target = std::move(target);
    content_.weights = SharedBytes::own(std::move(weights_));
    return std::move(content_);
}

} // namespace furiosa::compiler
