#pragma once

#include "device/cpu/step.hpp"
#include "device/cpu/team.hpp"

#include <furiosa/program/program.hpp>

#include <cstddef>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>
#include <utility>
#include <vector>

namespace furiosa::device::cpu {

/// What an operator needs to become a step: the engine, its tensors, and their memory.
class StepBuilder
{
public:
    /// `memories` has one object for each tensor of the program, an empty one where oneDNN has no such type;
    /// `addresses` where they lie, which changes from run to run.
    StepBuilder(const dnnl::engine& engine, const program::ProgramContent& content,
                std::span<dnnl::memory> memories, std::span<std::byte* const> addresses, Team& team)
        : engine_(engine),
          content_(content),
          memories_(memories),
          addresses_(addresses),
          team_(team)
    {
    }

    /// Those that work on a run together.
    Team& team() const noexcept { return team_; }
    const dnnl::engine& engine() const noexcept { return engine_; }
    const program::ProgramTensor& tensor(program::TensorIndex index) const { return content_.tensors[index]; }
    std::span<std::byte* const> addresses() const noexcept { return addresses_; }
    /// Throws dnnl::error for a tensor that is left out, or of a type that oneDNN does not know.
    dnnl::memory& memory(program::TensorIndex index);
    dnnl::memory::desc desc(program::TensorIndex index) { return memory(index).get_desc(); }

    /// The step of a primitive: its tensors by DNNL_ARG_…; all steps share one scratchpad. `own` is memory
    /// that no other step uses.
    std::unique_ptr<Step> step(dnnl::primitive primitive, const dnnl::memory::desc& scratchpad,
                               const std::vector<std::pair<int, program::TensorIndex>>& tensors,
                               const std::vector<std::pair<int, dnnl::memory>>& own = {});

    /// A copy of a weight in another format.
    dnnl::memory repacked(program::TensorIndex weight, const dnnl::memory::desc& desc);

    /// Memory for one step while it runs: so many bytes, which all steps share. It has no address yet.
    dnnl::memory scratch(std::size_t size);

    /// The scratchpads of all steps, without memory yet.
    std::vector<dnnl::memory>& scratchpads() noexcept { return scratchpads_; }

private:
    const dnnl::engine& engine_;
    const program::ProgramContent& content_;
    std::span<dnnl::memory> memories_;
    std::span<std::byte* const> addresses_;
    Team& team_;
    std::vector<dnnl::memory> scratchpads_;
};

} // namespace furiosa::device::cpu
