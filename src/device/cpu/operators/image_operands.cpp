#include "device/cpu/operators/image_operands.hpp"

namespace furiosa::device::cpu {

namespace {

using dnnl::memory;

PixelStrides strides_of(const memory::desc& desc)
{
    const auto& blocking = desc.data.format_desc.blocking;
    if (desc.data.ndims != 4 || desc.data.format_kind != dnnl_blocked || blocking.inner_nblks != 0 ||
        (blocking.strides[1] != 1 && desc.data.dims[1] != 1) || desc.data_type() != memory::data_type::f32)
        fail_operand("a tensor is no float32 image with the channels innermost");
    return {blocking.strides[0], blocking.strides[2], blocking.strides[3]};
}

bool is_vector(const memory::desc& desc, std::int64_t size)
{
    return desc.data.ndims == 1 && desc.data_type() == memory::data_type::f32 && desc.dims()[0] == size;
}

} // namespace

void fail_operand(const char* what)
{
    throw dnnl::error(dnnl_invalid_arguments, what);
}

ImageOperands::ImageOperands(StepBuilder& builder, const program::ProgramOperator& op)
    : has_bias_(op.attributes.integer("bias") != 0),
      has_residual_(op.attributes.integer("residual") != 0)
{
    const std::size_t inputs = 2u + has_bias_ + has_residual_;
    require_inputs(op, inputs, inputs);
    for (const auto input : op.inputs)
        memories_.push_back(builder.memory(input));
    memories_.push_back(builder.memory(op.outputs[0]));
    source(), destination(); // are images
    if (source_dims()[0] != destination_dims()[0])
        fail_operand("the output has another number of images than the input");
    constexpr std::int64_t most_channels = 1 << 24; // their products can be counted
    if (source_dims()[1] > most_channels || destination_dims()[1] > most_channels)
        fail_operand("there are more channels than any convolution has");
    if (has_bias_ && !is_vector(memories_[2].get_desc(), destination_dims()[1]))
        fail_operand("the bias is not one number for each channel");
    if (has_residual_ && memories_[inputs - 1].get_desc().dims() != destination_dims())
        fail_operand("the residual has another shape than the output");
    const auto activation = activation_of(op.attributes);
    if (!activation)
        fail_operand("the activation is not one that can be fused");
    activation_ = *activation;
}

void ImageOperands::require_weights(std::size_t count) const
{
    if (!is_vector(memories_[1].get_desc(), static_cast<std::int64_t>(count)))
        fail_operand("there are more or fewer weights than the channels take");
}

ImageTensors ImageOperands::tensors() const
{
    const auto at = [&](std::size_t i) { return static_cast<float*>(memories_[i].get_data_handle()); };
    const auto output = memories_.size() - 1;
    return {at(0), at(1), has_bias_ ? at(2) : nullptr, has_residual_ ? at(output - 1) : nullptr, at(output)};
}

PixelStrides ImageOperands::source() const
{
    return strides_of(memories_.front().get_desc());
}

PixelStrides ImageOperands::destination() const
{
    return strides_of(memories_.back().get_desc());
}

PixelStrides ImageOperands::residual() const
{
    return has_residual_ ? strides_of(memories_[memories_.size() - 2].get_desc()) : PixelStrides();
}

} // namespace furiosa::device::cpu
