#include <furiosa/device/cpu/executor.hpp>

#include "device/cpu/memory_format.hpp"
#include "device/cpu/operators/operators.hpp"
#include "device/cpu/team.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/core/tensor.hpp>

#include <oneapi/dnnl/dnnl.hpp>
#include <system_error>

/// Of the OpenMP runtime that oneDNN uses. Its header belongs to one compiler; the function does not.
extern "C" void omp_set_num_threads(int threads);

namespace furiosa::device::cpu {

using program::Location;
using program::ProgramTensor;

struct Executor::Impl
{
    Impl(program::Program p, unsigned t)
        : program(std::move(p)),
          team(static_cast<int>(t)),
          engine(dnnl::engine::kind::cpu, 0),
          stream(engine),
          arena(DataType::uint8, {static_cast<std::int64_t>(program.arena_size())})
    {
        program.require_target(target());
        omp_set_num_threads(1); // primitives are laid out for as many: the team is ours
        make_memories();
        make_steps();
    }

    void make_memories()
    {
        for (const auto& tensor : program.content().tensors) {
            addresses.push_back(address_of(tensor));
            if (!is_known(tensor.desc.data_type)) {
                if (!tensor.format.empty())
                    throw_error(errc::malformed_program, "tensor '{}' of {} has the format '{}'",
                                tensor.desc.name, to_string(tensor.desc.data_type), tensor.format);
                memories.emplace_back();
                continue;
            }
            const auto desc = describe(tensor.desc, tensor.format);
            if (size_in_memory(desc) > tensor.size)
                throw_error(errc::malformed_program, "tensor '{}': {} bytes are too few for its format '{}'",
                            tensor.desc.name, tensor.size, tensor.format);
            memories.emplace_back(desc, engine, addresses.back());
        }
    }

    /// Null for what lies in the caller's memory.
    std::byte* address_of(const ProgramTensor& tensor)
    {
        switch (tensor.location) {
        case Location::arena:
            return arena.data() + tensor.offset;
        case Location::weight: // oneDNN takes no const pointers, but writes only to destinations
            return const_cast<std::byte*>(program.content().weights.data()) + tensor.offset;
        case Location::input:
        case Location::output:
            break;
        }
        return nullptr;
    }

    void make_steps()
    {
        StepBuilder builder(engine, program.content(), memories, addresses, team);
        for (const auto& op : program.content().operators)
            try {
                steps.push_back(make_step(builder, op));
            } catch (const dnnl::error& error) {
                throw_error(errc::malformed_program, "operator '{}' ({}) does not fit its tensors: {}",
                            op.name, to_string(op.kind), error.what());
            }
        scratchpads = std::move(builder.scratchpads());
        std::size_t largest = 0;
        for (const auto& memory : scratchpads)
            largest = std::max(largest, memory.get_desc().get_size());
        scratchpad = Tensor(DataType::uint8, {static_cast<std::int64_t>(largest)});
        for (auto& memory : scratchpads)
            memory.set_data_handle(scratchpad.data());
    }

    void run_step(std::size_t index)
    {
        try {
            steps[index]->run(stream.get());
        } catch (const dnnl::error& error) {
            throw_error(errc::device_failed, "operator '{}' failed: {}",
                        program.content().operators[index].name, error.what());
        }
    }

    void run_timed(std::span<OperatorSpan> spans)
    {
        auto begin = OperatorSpan::Clock::now();
        for (std::size_t i = 0; i != steps.size(); ++i) {
            run_step(i);
            const auto end = OperatorSpan::Clock::now();
            spans[i] = {static_cast<std::uint32_t>(i), begin, end};
            begin = end;
        }
    }

    void point_at(std::span<const ConstTensorView> inputs, std::span<const TensorView> outputs)
    {
        const auto& tensors = program.content().tensors;
        for (std::size_t i = 0; i != tensors.size(); ++i) {
            if (tensors[i].location == Location::input)
                addresses[i] = const_cast<std::byte*>(inputs[tensors[i].offset].data());
            else if (tensors[i].location == Location::output)
                addresses[i] = outputs[tensors[i].offset].data();
            else
                continue;
            if (memories[i])
                memories[i].set_data_handle(addresses[i]);
        }
    }

    program::Program program;
    Team team;
    dnnl::engine engine;
    dnnl::stream stream;
    Tensor arena;
    Tensor scratchpad;
    std::vector<std::byte*> addresses; // of the tensors
    std::vector<dnnl::memory> memories;
    std::vector<dnnl::memory> scratchpads;
    std::vector<std::unique_ptr<Step>> steps;
};

Executor::Executor(program::Program program, unsigned threads)
{
    try {
        impl_ = std::make_unique<Impl>(std::move(program), threads);
    } catch (const dnnl::error& error) {
        throw_error(error.status == dnnl_out_of_memory ? errc::out_of_memory : errc::device_failed,
                    "the CPU device cannot take the program: {}", error.what());
    } catch (const std::system_error& error) {
        throw_error(errc::out_of_memory, "the CPU device cannot start {} threads: {}", threads, error.what());
    }
}

Executor::Executor(Executor&&) noexcept = default;
Executor& Executor::operator=(Executor&&) noexcept = default;
Executor::~Executor() = default;

void Executor::execute(std::span<const ConstTensorView> inputs, std::span<const TensorView> outputs,
                       std::span<OperatorSpan> spans)
{
    auto& self = *impl_;
    omp_set_num_threads(1);
    self.point_at(inputs, outputs);
    if (!spans.empty())
        return self.run_timed(spans);
    for (std::size_t i = 0; i != self.steps.size(); ++i)
        self.run_step(i);
}

} // namespace furiosa::device::cpu
