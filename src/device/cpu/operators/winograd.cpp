#include "device/cpu/winograd/winograd.hpp"
#include "device/cpu/operators/image_operands.hpp"

namespace furiosa::device::cpu {

namespace {

/// Padding at both ends of an axis that a window of three can look at, and that gives as many pixels as there
/// are.
bool fits(std::int64_t input, std::int64_t output, std::int64_t begin, std::int64_t end, std::int64_t stride)
{
    constexpr std::int64_t most = 2;
    if (begin < 0 || begin > most || end < 0 || end > most)
        return false;
    const auto last = input + begin + end - 3; // where a window may begin
    return last < 0 ? output == 0 : output == last / stride + 1;
}

WinogradShape shape_of(const ImageOperands& operands, const program::Attributes& attributes)
{
    const auto x = operands.source_dims();
    const auto y = operands.destination_dims();
    const auto begin = attributes.integers("pads_begin");
    const auto end = attributes.integers("pads_end");
    const auto strides = attributes.integers("strides");
    WinogradShape shape;
    shape.tile = winograd_tile(attributes.get<std::string>("algorithm"));
    if (strides != std::vector<std::int64_t>{1, 1} &&
        (shape.tile != 4 || strides != std::vector<std::int64_t>{2, 2}))
        fail_operand("the algorithm has no such strides");
    if (begin.size() != 2 || end.size() != 2 || !fits(x[2], y[2], begin[0], end[0], strides[0]) ||
        !fits(x[3], y[3], begin[1], end[1], strides[1]))
        fail_operand("the output has another shape than the window gives it");
    shape.stride = static_cast<int>(strides[0]);
    shape.images = x[0];
    shape.in_channels = x[1];
    shape.out_channels = y[1];
    shape.in_height = x[2];
    shape.in_width = x[3];
    shape.out_height = y[2];
    shape.out_width = y[3];
    shape.pad_top = begin[0];
    shape.pad_left = begin[1];
    shape.source = operands.source();
    shape.destination = operands.destination();
    shape.residual = operands.residual();
    shape.activation = operands.activation();
    return shape;
}

class WinogradStep final : public Step
{
public:
    WinogradStep(StepBuilder& builder, const program::ProgramOperator& op)
        : operands_(builder, op),
          shape_(shape_of(operands_, op.attributes)),
          team_(builder.team())
    {
        operands_.require_weights(
            winograd_weights_size(shape_.tile, shape_.in_channels, shape_.out_channels));
        scratch_ = builder.scratch(winograd_scratch_size(shape_, team_.size()) * sizeof(float));
    }

    void run(dnnl_stream_t) override
    {
        run_winograd(shape_, operands_.tensors(), static_cast<float*>(scratch_.get_data_handle()), team_);
    }

private:
    ImageOperands operands_;
    WinogradShape shape_;
    Team& team_;
    dnnl::memory scratch_;
};

} // namespace

int winograd_tile(std::string_view algorithm)
{
    return algorithm == "winograd2" ? 2 : algorithm == "winograd4" ? 4 : 0;
}

std::unique_ptr<Step> make_winograd(StepBuilder& builder, const program::ProgramOperator& op)
{
    if (!has_winograd())
        fail_operand("this processor lacks what the algorithm takes");
    return std::make_unique<WinogradStep>(builder, op);
}

} // namespace furiosa::device::cpu
