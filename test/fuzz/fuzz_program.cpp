// From the bytes of a program file to its run: damaged ones are refused, before anything of them is executed.

#include "require.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/core/tensor.hpp>
#include <furiosa/device/cpu/executor.hpp>
#include <furiosa/program/program.hpp>

#include <algorithm>
#include <cstring>

using namespace furiosa;

namespace {

/// So that no input takes long: damage must be found before, whatever the sizes.
constexpr std::uint64_t largest_run = 256 * 1024;

/// A window that is much larger than its input is allowed, and takes its time.
bool has_large_window(const program::ProgramOperator& op)
{
    double taps = 1;
    for (const auto extent : op.attributes.integers("kernel_shape"))
        taps *= static_cast<double>(extent);
    return taps > 1000;
}

bool is_small(const program::ProgramContent& content)
{
    if (std::ranges::any_of(content.operators, has_large_window))
        return false;
    std::uint64_t size = content.arena_size;
    for (const auto& tensor : content.tensors)
        size += std::min(tensor.size, 2 * largest_run);
    return size <= largest_run && content.operators.size() <= 64;
}

void run(const program::Program& program)
{
    std::vector<Tensor> inputs, outputs;
    for (const auto& desc : program.inputs()) {
        inputs.emplace_back(desc.data_type, desc.shape);
        if (!inputs.back().empty())
            std::memset(inputs.back().data(), 0, inputs.back().size_in_bytes());
    }
    for (const auto& desc : program.outputs())
        outputs.emplace_back(desc.data_type, desc.shape);
    const std::vector<ConstTensorView> in(inputs.begin(), inputs.end());
    const std::vector<TensorView> out(outputs.begin(), outputs.end());
    device::cpu::Executor(program, 1).execute(in, out);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    try {
        const auto* bytes = reinterpret_cast<const std::byte*>(data);
        const auto program = program::Program::open(SharedBytes::own({bytes, bytes + size}));
        if (is_small(program.content()))
            run(program);
    } catch (const Error& error) {
        REQUIRE(*error.what() != '\0');
    }
    return 0;
}
