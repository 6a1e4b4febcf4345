#include "device/cpu/depthwise/depthwise.hpp"

#include "device/cpu/operators/image_operands.hpp"

namespace furiosa::device::cpu {

namespace {

constexpr std::int64_t most = 1 << 20; // of padding, strides, kernels: products of them cannot overflow

bool is_in_range(const std::vector<std::int64_t>& pair, std::int64_t least)
{
    return pair.size() == 2 && pair[0] >= least && pair[0] <= most && pair[1] >= least && pair[1] <= most;
}

DepthwiseShape shape_of(const ImageOperands& operands, const program::Attributes& attributes)
{
    const auto x = operands.source_dims();
    const auto y = operands.destination_dims();
    const auto kernel = attributes.integers("kernel_shape");
    const auto strides = attributes.integers("strides");
    const auto dilations = attributes.integers("dilations");
    const auto begin = attributes.integers("pads_begin");
    // What lies outside of the image is never looked at, wherever the window is.
    if (!is_in_range(kernel, 1) || !is_in_range(strides, 1) || !is_in_range(dilations, 1) ||
        !is_in_range(begin, 0) || y[2] > most || y[3] > most || x[1] != y[1])
        fail_operand("the window is none, or the output has other channels than the input");
    DepthwiseShape shape;
    shape.images = x[0];
    shape.channels = x[1];
    shape.in_height = x[2];
    shape.in_width = x[3];
    shape.out_height = y[2];
    shape.out_width = y[3];
    shape.kernel_height = kernel[0];
    shape.kernel_width = kernel[1];
    shape.stride_y = strides[0];
    shape.stride_x = strides[1];
    shape.dilation_y = dilations[0];
    shape.dilation_x = dilations[1];
    shape.pad_top = begin[0];
    shape.pad_left = begin[1];
    shape.source = operands.source();
    shape.destination = operands.destination();
    shape.residual = operands.residual();
    shape.activation = operands.activation();
    return shape;
}

class DepthwiseStep final : public Step
{
public:
    DepthwiseStep(StepBuilder& builder, const program::ProgramOperator& op)
        : operands_(builder, op),
          shape_(shape_of(operands_, op.attributes)),
          threads_(builder.threads())
    {
        operands_.require_weights(
            depthwise_weights_size(shape_.channels, shape_.kernel_height * shape_.kernel_width));
    }

    void run(dnnl_stream_t) override { run_depthwise(shape_, operands_.tensors(), threads_); }

private:
    ImageOperands operands_;
    DepthwiseShape shape_;
    int threads_;
};

} // namespace

std::unique_ptr<Step> make_depthwise(StepBuilder& builder, const program::ProgramOperator& op)
{
    if (!has_depthwise())
        fail_operand("this processor lacks what the algorithm takes");
    return std::make_unique<DepthwiseStep>(builder, op);
}

} // namespace furiosa::device::cpu
