#include "device/cpu/pointwise/pointwise.hpp"

#include "device/cpu/operators/image_operands.hpp"

namespace furiosa::device::cpu {

namespace {

/// Are all pixels that are looked at in the image?
bool fits(std::int64_t input, std::int64_t output, std::int64_t stride)
{
    return stride >= 1 && input >= 1 && output <= (input - 1) / stride + 1;
}

/// What is added to come to the next pixel; where there is none, a stride may be as large as it likes.
std::int64_t step(std::int64_t distance, std::int64_t output, std::int64_t stride)
{
    return output <= 1 ? distance : distance * stride;
}

/// Images of one pixel are the pixels of one image.
void join_images(PointwiseShape& shape)
{
    std::swap(shape.images, shape.width);
    for (auto* strides : {&shape.source, &shape.destination, &shape.residual})
        strides->pixel = strides->row = strides->image;
}

PointwiseShape shape_of(const ImageOperands& operands, const program::Attributes& attributes)
{
    const auto x = operands.source_dims();
    const auto y = operands.destination_dims();
    const auto strides = attributes.integers("strides");
    const bool empty = x[0] == 0 || y[2] == 0 || y[3] == 0;
    if (strides.size() != 2 || (!empty && (!fits(x[2], y[2], strides[0]) || !fits(x[3], y[3], strides[1]))))
        fail_operand("the output has another shape than the window gives it");
    PointwiseShape shape;
    shape.images = x[0];
    shape.height = y[2];
    shape.width = y[3];
    shape.in_channels = x[1];
    shape.out_channels = y[1];
    shape.source = operands.source();
    shape.source.row = step(shape.source.row, y[2], empty ? 1 : strides[0]);
    shape.source.pixel = step(shape.source.pixel, y[3], empty ? 1 : strides[1]);
    shape.destination = operands.destination();
    shape.residual = operands.residual();
    if (shape.height == 1 && shape.width == 1)
        join_images(shape);
    shape.activation = operands.activation();
    return shape;
}

class PointwiseStep final : public Step
{
public:
    PointwiseStep(StepBuilder& builder, const program::ProgramOperator& op)
        : operands_(builder, op),
          shape_(shape_of(operands_, op.attributes)),
          team_(builder.team())
    {
        operands_.require_weights(pointwise_weights_size(shape_.in_channels, shape_.out_channels));
        scratch_ = builder.scratch(pointwise_scratch_size(shape_, team_.size()) * sizeof(float));
    }

    void run(dnnl_stream_t) override
    {
        run_pointwise(shape_, operands_.tensors(), static_cast<float*>(scratch_.get_data_handle()), team_);
    }

private:
    ImageOperands operands_;
    PointwiseShape shape_;
    Team& team_;
    dnnl::memory scratch_;
};

} // namespace

std::unique_ptr<Step> make_pointwise(StepBuilder& builder, const program::ProgramOperator& op)
{
    if (!has_pointwise())
        fail_operand("this processor lacks what the algorithm takes");
    return std::make_unique<PointwiseStep>(builder, op);
}

} // namespace furiosa::device::cpu
