#include "device/cpu/operators/operators.hpp"
#include "device/cpu/operators/parts_step.hpp"
#include "device/cpu/operators/strips.hpp"
#include "device/cpu/operators/window.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace furiosa::device::cpu {

using dnnl::deconvolution_forward;
using dnnl::memory;

namespace {

using Memories = std::vector<std::pair<int, memory>>;

[[noreturn]] void refuse(const char* what)
{
    throw dnnl::error(dnnl_invalid_arguments, what);
}

/// Throws unless this is the output that the window makes of the input.
Window checked_window(const program::Attributes& attributes, const ConvolutionDescs& descs)
{
    const auto x = descs.source.dims();
    const auto y = descs.destination.dims();
    const auto weights = descs.weights.dims();
    if (x.size() < 3 || y.size() != x.size() ||
        (weights.size() != x.size() && weights.size() != x.size() + 1))
        refuse("the tensors have no axes for a window, or other numbers of them");
    const auto axes = x.size() - 2;
    auto window = window_of(attributes, axes);
    for (std::size_t i = 0; i != axes; ++i) {
        constexpr std::int64_t most = std::int64_t{1} << 32; // so that nothing overflows
        const auto kernel = weights[weights.size() - axes + i];
        if (kernel < 1 || kernel > most || x[i + 2] < 1 || x[i + 2] > most)
            refuse("an extent is out of range");
        const auto reach = (kernel - 1) * (window.dilations[i] + 1) + 1;
        if (window.begin[i] >= reach || window.end[i] >= reach || window.end[i] <= -window.strides[i])
            refuse("the padding is out of range");
        if (y[i + 2] != window.strides[i] * (x[i + 2] - 1) + reach - window.begin[i] - window.end[i])
            refuse("the output has another shape than the window gives it");
    }
    return window;
}

/// Images of one or three spatial axes as such of two, for which alone oneDNN 2.6 has fast sums: with the
/// channels innermost it is the same.
memory::desc as_image(const memory::desc& desc)
{
    const auto dims = desc.dims();
    const auto innermost = dims.size() == 3 ? memory::format_tag::nwc : memory::format_tag::ndhwc;
    if (dims.size() == 4 || desc != memory::desc(dims, desc.data_type(), innermost))
        return desc;
    const auto pixels = std::accumulate(dims.begin() + 2, dims.end(), memory::dim{1}, std::multiplies<>());
    return {{dims[0], dims[1], 1, pixels}, desc.data_type(), memory::format_tag::nhwc};
}

/// Bias and activation of a ConvTranspose, of which oneDNN makes one pass over the output.
class Finish
{
public:
    Finish(StepBuilder& builder, const program::ProgramOperator& op) : builder_(builder), op_(op)
    {
        if (op.attributes.integer("bias") == 0)
            return;
        const auto channels = builder.desc(op.outputs[0]).dims()[1];
        const memory::desc expected({channels}, memory::data_type::f32, memory::format_tag::a);
        if (builder.desc(op.inputs[2]) != expected)
            refuse("the bias is not one number for each channel");
        bias_ = builder.memory(op.inputs[2]);
    }

    /// Calls `add(primitive, scratchpad, memories)` with what there is to do for an image.
    template <class Add>
    void operator()(const memory& image, Add add) const
    {
        const auto desc = as_image(image.get_desc());
        const auto& engine = builder_.engine();
        if (bias_) {
            memory::dims dims(desc.dims().size(), 1), strides(dims);
            dims[1] = strides[0] = desc.dims()[1];
            const memory::desc bias(dims, memory::data_type::f32, strides);
            const dnnl::binary::primitive_desc sum(
                dnnl::binary::desc(dnnl::algorithm::binary_add, desc, bias, desc),
                primitive_attributes(op_.attributes), engine);
            add(dnnl::binary(sum), sum.scratchpad_desc(),
                Memories{{DNNL_ARG_SRC_0, image}, {DNNL_ARG_SRC_1, bias_}, {DNNL_ARG_DST, image}});
        } else if (op_.attributes.has("activation")) {
            const auto kind = program::parse_op_kind(op_.attributes.get<std::string>("activation"));
            const auto function = kind ? eltwise_function(*kind, op_.attributes) : std::nullopt;
            if (!function)
                refuse("the activation is not one that can be fused");
            const dnnl::eltwise_forward::primitive_desc activation(
                dnnl::eltwise_forward::desc(dnnl::prop_kind::forward_inference, function->algorithm, desc,
                                            function->alpha, function->beta),
                primitive_attributes({}), engine);
            add(dnnl::eltwise_forward(activation), activation.scratchpad_desc(),
                Memories{{DNNL_ARG_SRC, image}, {DNNL_ARG_DST, image}});
        }
    }

private:
    StepBuilder& builder_;
    const program::ProgramOperator& op_;
    memory bias_;
};

/// Primitives look at where memory lies, and know themselves how: weights are described the other way round.
Memories deconvolution_memories(const memory& source, const memory& weights, const memory& destination)
{
    return {{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, destination}};
}

/// Strips of the output, one for each thread of the team; null where it cannot be cut so.
std::unique_ptr<Step> make_transposed_strips(StepBuilder& builder, const program::ProgramOperator& op,
                                             const ConvolutionDescs& descs, const Finish& finish)
{
    if (!can_be_cut(builder, op.inputs[0], op.outputs[0]))
        return nullptr;
    const auto weights_dims = descs.weights.dims();
    const auto window = row_window(op.attributes, weights_dims[weights_dims.size() - 2]);
    const auto rows = descs.destination.dims()[2];
    const int parts = builder.team().size();
    // Strips end where a window ends if windows do not overlap: then none is computed for two strips.
    const auto end_of = [&](int part) {
        const auto even = rows * part / parts + window.pad;
        return part == parts ? rows : std::max<std::int64_t>(even - even % window.stride - window.pad, 0);
    };
    auto step = std::make_unique<PartsStep>(builder.team());
    for (int part = 0; part != parts; ++part) {
        const auto strip = transposed_strip(window, descs.source.dims()[2], end_of(part), end_of(part + 1));
        if (strip.source_count <= 0 || strip.count <= 0)
            return nullptr;
        auto own = descs;
        own.source = rows_of(descs.source, strip.source_count);
        own.destination = rows_of(descs.destination, strip.count);
        const auto desc = deconvolution_desc(builder.engine(), strip_attributes(op.attributes, strip), own);
        if (is_reference(desc))
            return nullptr;
        const auto image = rows_at(builder, op.outputs[0], own.destination, strip.first);
        auto sequence = std::make_unique<SequenceStep>();
        const auto add = [&](dnnl::primitive primitive, const memory::desc& scratchpad, Memories memories) {
            sequence->add(make_part(builder, std::move(primitive), scratchpad, std::move(memories)));
        };
        add(deconvolution_forward(desc), desc.scratchpad_desc(),
            deconvolution_memories(rows_at(builder, op.inputs[0], own.source, strip.source_first),
                                   builder.memory(op.inputs[1]), image));
        finish(image, add);
        step->add(std::move(sequence));
    }
    return step;
}

} // namespace

memory::desc with_channels_swapped(const memory::desc& weights, std::size_t rank)
{
    auto dims = weights.dims();
    if (rank < 3 || (dims.size() != rank && dims.size() != rank + 1))
        refuse("the weights have another number of axes than the input");
    const auto channels = dims.size() - rank; // an axis of groups may be before them
    if (weights.data.format_kind == dnnl_format_kind_any) {
        std::swap(dims[channels], dims[channels + 1]);
        return {dims, weights.data_type(), memory::format_tag::any};
    }
    std::vector<int> places(dims.size());
    std::iota(places.begin(), places.end(), 0);
    std::swap(places[channels], places[channels + 1]);
    return weights.permute_axes(places);
}

deconvolution_forward::primitive_desc deconvolution_desc(const dnnl::engine& engine,
                                                         const program::Attributes& attributes,
                                                         const ConvolutionDescs& descs)
{
    const auto window = checked_window(attributes, descs);
    return {deconvolution_forward::desc(
                dnnl::prop_kind::forward_inference, dnnl::algorithm::deconvolution_direct, descs.source,
                with_channels_swapped(descs.weights, descs.source.dims().size()), descs.destination,
                window.strides, window.dilations, window.begin, window.end),
            primitive_attributes({}), engine};
}

/// Inputs: source, weights [groups, inputs / groups, outputs / groups, …] (or without the first) and, with
/// the attribute "bias", the bias.
///
/// Bias and activation are primitives of their own: as parts of a deconvolution oneDNN 2.6 has them, but
/// element by element, which takes up to a hundred times as long as the rest.
std::unique_ptr<Step> make_transposed_convolution(StepBuilder& builder, const program::ProgramOperator& op)
{
    const std::size_t inputs = op.attributes.integer("bias") != 0 ? 3 : 2;
    require_inputs(op, inputs, inputs);
    const ConvolutionDescs descs{
        builder.desc(op.inputs[0]), builder.desc(op.inputs[1]), builder.desc(op.outputs[0]), {}};
    const auto desc =
        deconvolution_desc(builder.engine(), op.attributes, descs); // what does not fit ends here
    const Finish finish(builder, op);
    if (auto strips = is_reference(desc) ? nullptr : make_transposed_strips(builder, op, descs, finish))
        return strips;
    auto sequence = std::make_unique<SequenceStep>();
    const auto add = [&](dnnl::primitive primitive, const memory::desc& scratchpad,
                         const Memories& memories) {
        sequence->add(builder.step(std::move(primitive), scratchpad, {}, memories));
    };
    const auto& image = builder.memory(op.outputs[0]);
    add(deconvolution_forward(desc), desc.scratchpad_desc(),
        deconvolution_memories(builder.memory(op.inputs[0]), builder.memory(op.inputs[1]), image));
    finish(image, add);
    return sequence;
}

} // namespace furiosa::device::cpu
