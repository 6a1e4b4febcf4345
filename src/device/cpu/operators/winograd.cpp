#include "device/cpu/winograd/winograd.hpp"
#include "device/cpu/operators/operators.hpp"

#include <algorithm>

namespace furiosa::device::cpu {

namespace {

[[noreturn]] void fail(const char* what)
{
    throw dnnl::error(dnnl_invalid_arguments, what);
}

/// An image with adjacent channels: its strides. Everything that is not is refused, so that no other memory
/// than the tensor's is ever touched.
PixelStrides strides_of(const dnnl::memory::desc& desc)
{
    const auto& blocking = desc.data.format_desc.blocking;
    if (desc.data.ndims != 4 || desc.data.format_kind != dnnl_blocked || blocking.inner_nblks != 0 ||
        (blocking.strides[1] != 1 && desc.data.dims[1] != 1) ||
        desc.data_type() != dnnl::memory::data_type::f32)
        fail("a tensor is no float32 image with the channels innermost");
    return {blocking.strides[0], blocking.strides[2], blocking.strides[3]};
}

/// Runs a Conv with the attribute "algorithm" = "winograd2" or "winograd4".
class WinogradStep final : public Step
{
public:
    WinogradStep(StepBuilder& builder, const program::ProgramOperator& op)
        : has_bias_(op.attributes.integer("bias") != 0),
          has_residual_(op.attributes.integer("residual") != 0),
          threads_(builder.threads())
    {
        const std::size_t inputs = 2u + has_bias_ + has_residual_;
        require_inputs(op, inputs, inputs);
        if (!has_winograd())
            fail("this processor lacks what the algorithm takes");
        read_shape(builder, op);
        check_weights(builder, op);
        if (has_residual_) {
            const auto residual = builder.desc(op.inputs.back());
            if (residual.dims() != builder.desc(op.outputs[0]).dims())
                fail("the residual has another shape than the output");
            shape_.residual = strides_of(residual);
        }
        for (const auto input : op.inputs)
            memories_.push_back(builder.memory(input));
        memories_.push_back(builder.memory(op.outputs[0]));
        scratch_ = builder.scratch(winograd_scratch_size(shape_, threads_) * sizeof(float));
    }

    void run(dnnl_stream_t) override
    {
        const auto at = [&](std::size_t i) { return static_cast<float*>(memories_[i].get_data_handle()); };
        const WinogradTensors tensors{at(0), at(1), has_bias_ ? at(2) : nullptr,
                                      has_residual_ ? at(memories_.size() - 2) : nullptr,
                                      at(memories_.size() - 1)};
        run_winograd(shape_, tensors, static_cast<float*>(scratch_.get_data_handle()), threads_);
    }

private:
    void read_shape(StepBuilder& builder, const program::ProgramOperator& op)
    {
        const auto source = builder.desc(op.inputs[0]);
        const auto destination = builder.desc(op.outputs[0]);
        shape_.source = strides_of(source);
        shape_.destination = strides_of(destination);
        const auto x = source.dims();
        const auto y = destination.dims();
        const auto begin = op.attributes.integers("pads_begin");
        const auto end = op.attributes.integers("pads_end");
        const auto fits = [&](std::size_t axis) {
            constexpr std::int64_t most = 2; // padding that a window of three can look at
            return begin[axis] >= 0 && begin[axis] <= most && end[axis] >= 0 && end[axis] <= most &&
                   y[axis + 2] == x[axis + 2] + begin[axis] + end[axis] - 2;
        };
        if (begin.size() != 2 || end.size() != 2 || x[0] != y[0] || !fits(0) || !fits(1))
            fail("the output has another shape than the window gives it");
        shape_.tile = winograd_tile(op.attributes.get<std::string>("algorithm"));
        shape_.images = x[0];
        shape_.in_channels = x[1];
        shape_.out_channels = y[1];
        shape_.in_height = x[2];
        shape_.in_width = x[3];
        shape_.out_height = y[2];
        shape_.out_width = y[3];
        shape_.pad_top = begin[0];
        shape_.pad_left = begin[1];
        const auto activation = activation_of(op.attributes);
        if (!activation)
            fail("the activation is not one that can be fused");
        shape_.activation = activation->kind;
        shape_.alpha = activation->alpha;
        shape_.beta = activation->beta;
    }

    void check_weights(StepBuilder& builder, const program::ProgramOperator& op) const
    {
        const auto is_vector = [&](program::TensorIndex index, std::size_t size) {
            const auto desc = builder.desc(index);
            return desc.data.ndims == 1 && desc.data_type() == dnnl::memory::data_type::f32 &&
                   desc.dims()[0] == static_cast<std::int64_t>(size);
        };
        if (!is_vector(op.inputs[1],
                       winograd_weights_size(shape_.tile, shape_.in_channels, shape_.out_channels)))
            fail("there are more or fewer weights than the channels take");
        if (has_bias_ && !is_vector(op.inputs[2], static_cast<std::size_t>(shape_.out_channels)))
            fail("the bias is not one number for each channel");
    }

    bool has_bias_;
    bool has_residual_;
    int threads_;
    WinogradShape shape_;
    std::vector<dnnl::memory> memories_; // inputs, then the output
    dnnl::memory scratch_;
};

} // namespace

int winograd_tile(std::string_view algorithm)
{
    return algorithm == "winograd2" ? 2 : algorithm == "winograd4" ? 4 : 0;
}

std::unique_ptr<Step> make_winograd(StepBuilder& builder, const program::ProgramOperator& op)
{
    return std::make_unique<WinogradStep>(builder, op);
}

} // namespace furiosa::device::cpu
