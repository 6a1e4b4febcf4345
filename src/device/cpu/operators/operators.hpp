#pragma once

#include "device/cpu/step_builder.hpp"

#include <furiosa/program/program.hpp>

#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace furiosa::device::cpu {

// Each operator of a program has its file here: how it becomes a step, and the primitive description that the
// compiler asks for the formats that suit it.

std::unique_ptr<Step> make_step(StepBuilder& builder, const program::ProgramOperator& op);

std::unique_ptr<Step> make_binary(StepBuilder& builder, const program::ProgramOperator& op);
std::unique_ptr<Step> make_concat(StepBuilder& builder, const program::ProgramOperator& op);
std::unique_ptr<Step> make_convolution(StepBuilder& builder, const program::ProgramOperator& op);
std::unique_ptr<Step> make_eltwise(StepBuilder& builder, const program::ProgramOperator& op);
std::unique_ptr<Step> make_mat_mul(StepBuilder& builder, const program::ProgramOperator& op);
/// Of any kind, as operators::evaluate defines it.
std::unique_ptr<Step> make_plain(StepBuilder& builder, const program::ProgramOperator& op);
std::unique_ptr<Step> make_pointwise(StepBuilder& builder, const program::ProgramOperator& op);
std::unique_ptr<Step> make_pooling(StepBuilder& builder, const program::ProgramOperator& op);
std::unique_ptr<Step> make_reorder(StepBuilder& builder, const program::ProgramOperator& op);
std::unique_ptr<Step> make_resampling(StepBuilder& builder, const program::ProgramOperator& op);
std::unique_ptr<Step> make_slice(StepBuilder& builder, const program::ProgramOperator& op);
std::unique_ptr<Step> make_softmax(StepBuilder& builder, const program::ProgramOperator& op);
std::unique_ptr<Step> make_transposed_convolution(StepBuilder& builder, const program::ProgramOperator& op);
std::unique_ptr<Step> make_winograd(StepBuilder& builder, const program::ProgramOperator& op);

/// A function of each element, as oneDNN names it.
struct EltwiseFunction
{
    dnnl::algorithm algorithm;
    float alpha;
    float beta;
};
/// Nothing where oneDNN has none that is exact.
std::optional<EltwiseFunction> eltwise_function(program::OpKind kind, const program::Attributes& attributes);

/// The axes in the order of the result of a Transpose: oneDNN then just copies.
dnnl::memory::desc transposed_desc(const dnnl::memory::desc& desc, const std::vector<std::int64_t>& perm);

/// What lies from `starts` on in the whole, of the extents of `part`.
dnnl::memory::desc part_desc(const dnnl::memory::desc& whole, const dnnl::memory::desc& part,
                             const std::vector<std::int64_t>& starts);

/// Tensors of a convolution: dense ones have a format, those that oneDNN may choose are `any`.
struct ConvolutionDescs
{
    dnnl::memory::desc source, weights, destination;
    std::optional<dnnl::memory::desc> bias;
};
dnnl::convolution_forward::primitive_desc convolution_desc(const dnnl::engine& engine,
                                                           const program::Attributes& attributes,
                                                           const ConvolutionDescs& descs);
/// The same convolution on strips of the output, one for each thread of the team; null where it cannot be cut
/// so.
std::unique_ptr<Step> make_strips(StepBuilder& builder, const program::ProgramOperator& op,
                                  const ConvolutionDescs& descs);

/// The same tensors of a transposed convolution, whose weights are [inputs, outputs, …] as in ONNX: so their formats
/// have names. Without bias and activation. Throws dnnl::error where they do not fit the window of the attributes.
dnnl::deconvolution_forward::primitive_desc deconvolution_desc(const dnnl::engine& engine,
                                                               const program::Attributes& attributes,
                                                               const ConvolutionDescs& descs);

/// Weights as oneDNN has them, [outputs, inputs, …], or the other way round: for inputs of `rank` axes.
dnnl::memory::desc with_channels_swapped(const dnnl::memory::desc& weights, std::size_t rank);

/// Is it the slow implementation that oneDNN has for everything?
bool is_reference(const dnnl::primitive_desc_base& desc);

dnnl::matmul::primitive_desc mat_mul_desc(const dnnl::engine& engine, const program::Attributes& attributes,
                                          const dnnl::memory::desc& a, const dnnl::memory::desc& b,
                                          const std::optional<dnnl::memory::desc>& bias,
                                          const dnnl::memory::desc& y);

dnnl::pooling_v2_forward::primitive_desc pooling_desc(const dnnl::engine& engine,
                                                      const program::ProgramOperator& op,
                                                      const dnnl::memory::desc& x,
                                                      const dnnl::memory::desc& y);

/// Attributes of every primitive here: a scratchpad of ours, and the activation that was fused.
dnnl::primitive_attr primitive_attributes(const program::Attributes& attributes,
                                          dnnl::post_ops operations = {});

/// Throws errc::malformed_program unless the operator has as many inputs, from `least` to `most`, and one
/// output.
void require_inputs(const program::ProgramOperator& op, std::size_t least, std::size_t most);

} // namespace furiosa::device::cpu
