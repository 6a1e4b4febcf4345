#pragma once

#include "device/cpu/image.hpp"
#include "device/cpu/operators/operators.hpp"

#include <vector>

namespace furiosa::device::cpu {

/// The tensors of a Conv that one of our own algorithms runs: source, packed weights, bias (with the
/// attribute "bias"), residual (with "residual"), and the output. Nothing of a program is trusted: all that
/// is not as the kernels take it is refused with a dnnl::error.
class ImageOperands
{
public:
    ImageOperands(StepBuilder& builder, const program::ProgramOperator& op);

    /// Throws unless there are so many packed weights.
    void require_weights(std::size_t count) const;

    /// Where they lie in this run.
    ImageTensors tensors() const;

    dnnl::memory::dims source_dims() const { return memories_.front().get_desc().dims(); }
    dnnl::memory::dims destination_dims() const { return memories_.back().get_desc().dims(); }
    PixelStrides source() const;
    PixelStrides destination() const;
    PixelStrides residual() const;
    const FusedActivation& activation() const noexcept { return activation_; }

private:
    bool has_bias_;
    bool has_residual_;
    FusedActivation activation_;
    std::vector<dnnl::memory> memories_; // inputs, then the output
};

/// For a program that does not fit its own tensors.
[[noreturn]] void fail_operand(const char* what);

} // namespace furiosa::device::cpu
