#pragma once

#include <furiosa/core/tensor_view.hpp>
#include <furiosa/device/operator_trace.hpp>
#include <furiosa/program/program.hpp>

#include <memory>
#include <span>
#include <string>

namespace furiosa::device::cpu {

/// What programs for this machine's CPU are compiled for: "cpu-avx512vnni", "cpu-avx512", "cpu-avx2", "cpu-sse41".
std::string target();

/// Runs one program on the calling thread: owns the memory of a run and oneDNN's primitives, shares the weights.
///
/// Distinct executors may run at the same time, also those of one program; one executor runs one inference at once.
class Executor
{
public:
    /// Builds the primitives. `threads` work on each inference together; with one, no further thread is involved.
    /// Throws errc::program_target_mismatch, malformed_program when operators do not fit their tensors,
    /// out_of_memory, device_failed.
    Executor(program::Program program, unsigned threads);
    Executor(Executor&&) noexcept;
    Executor& operator=(Executor&&) noexcept;
    ~Executor();

    /// One inference from and into the caller's memory. The views must be of the program's inputs and outputs: only
    /// their data pointers are looked at. Throws errc::device_failed, naming the operator.
    ///
    /// `spans` is empty, or has one for each operator of the program, which is filled.
    void execute(std::span<const ConstTensorView> inputs, std::span<const TensorView> outputs,
                 std::span<OperatorSpan> spans = {});

private:
    struct Impl;

    std::unique_ptr<Impl> impl_;
};

} // namespace furiosa::device::cpu
