#include "device/cpu/operators/operators.hpp"

#include <algorithm>
#include <atomic>

namespace furiosa::device::cpu {

namespace {

using dnnl::convolution_forward;
using dnnl::memory;

/// Rows of an image with the channels innermost, which are an image themselves.
memory::desc rows_of(const memory::desc& image, std::int64_t count)
{
    auto dims = image.dims();
    dims[2] = count;
    return {dims, image.data_type(), memory::format_tag::nhwc};
}

std::size_t row_size(const memory::desc& image)
{
    const auto dims = image.dims();
    return static_cast<std::size_t>(dims[3] * dims[1]) * sizeof(float);
}

/// One strip: its rows of the source, and the padding that is left of the window's.
struct Strip
{
    std::int64_t first = 0; ///< of the output
    std::int64_t count = 0;
    std::int64_t source_first = 0;
    std::int64_t source_count = 0;
    std::int64_t pad_begin = 0;
    std::int64_t pad_end = 0;
};

Strip make_strip(std::int64_t first, std::int64_t last, std::int64_t input, std::int64_t pad,
                 std::int64_t stride, std::int64_t reach)
{
    Strip strip;
    strip.first = first;
    strip.count = last - first;
    const auto begin = first * stride - pad;
    const auto end = (last - 1) * stride - pad + reach;
    strip.source_first = std::max<std::int64_t>(begin, 0);
    strip.source_count = std::min(end, input) - strip.source_first;
    strip.pad_begin = strip.source_first - begin;
    strip.pad_end = std::max<std::int64_t>(end - input, 0);
    return strip;
}

class StripsStep final : public Step
{
public:
    explicit StripsStep(StepBuilder& builder) : team_(builder.team()), stream_(builder.engine()) {}

    void add(dnnl::primitive primitive, std::vector<std::pair<int, memory>> memories)
    {
        Part part{std::move(primitive), {}, {}};
        for (auto& [argument, memory] : memories) {
            part.arguments.push_back({argument, memory.get()});
            part.memories.push_back(std::move(memory));
        }
        parts_.push_back(std::move(part));
    }

    void run(dnnl_stream_t) override
    {
        std::atomic<dnnl_status_t> status = dnnl_success;
        team_.run(static_cast<int>(parts_.size()), [&](int number, int) {
            const auto& part = parts_[static_cast<std::size_t>(number)];
            const auto result =
                dnnl_primitive_execute(part.primitive.get(), stream_.get(),
                                       static_cast<int>(part.arguments.size()), part.arguments.data());
            if (result != dnnl_success)
                status = result;
        });
        dnnl::error::wrap_c_api(status, "a primitive could not be executed");
    }

private:
    struct Part
    {
        dnnl::primitive primitive;
        std::vector<dnnl_exec_arg_t> arguments;
        std::vector<memory> memories;
    };

    Team& team_;
    dnnl::stream stream_;
    std::vector<Part> parts_;
};

/// Images of one, with the channels innermost, in memory that stays where it is.
bool can_be_cut(StepBuilder& builder, const program::ProgramOperator& op, const ConvolutionDescs& descs)
{
    const auto is_image = [&](program::TensorIndex index, const memory::desc& desc) {
        const auto& tensor = builder.tensor(index);
        return tensor.format == "acdb" && desc.dims().size() == 4 && desc.dims()[0] == 1 &&
               desc.data_type() == memory::data_type::f32 && tensor.location == program::Location::arena;
    };
    return builder.team().size() > 1 && is_image(op.inputs[0], descs.source) &&
           is_image(op.outputs[0], descs.destination) &&
           descs.destination.dims()[2] >= 2 * builder.team().size() &&
           builder.tensor(op.inputs[1]).location == program::Location::weight;
}

} // namespace

std::unique_ptr<Step> make_strips(StepBuilder& builder, const program::ProgramOperator& op,
                                  const ConvolutionDescs& descs)
{
    if (!can_be_cut(builder, op, descs))
        return nullptr;
    const auto whole =
        convolution_desc(builder.engine(), op.attributes, descs); // what does not fit ends here
    const auto kernel = op.attributes.integers("kernel_shape");
    const auto strides = op.attributes.integers("strides");
    const auto dilations = op.attributes.integers("dilations");
    const auto begin = op.attributes.integers("pads_begin");
    const auto end = op.attributes.integers("pads_end");
    const auto is_complete = [](const auto& list) { return list.size() == 2; };
    if (is_reference(whole) || !is_complete(kernel) || !is_complete(strides) || !is_complete(dilations) ||
        !is_complete(begin) || !is_complete(end))
        return nullptr;
    const auto weights_dims = descs.weights.dims();
    const auto reach = (weights_dims[weights_dims.size() - 2] - 1) * dilations[0] + 1;
    const auto rows = descs.destination.dims()[2];
    auto step = std::make_unique<StripsStep>(builder);
    const int parts = builder.team().size();
    for (int part = 0; part != parts; ++part) {
        const auto strip = make_strip(rows * part / parts, rows * (part + 1) / parts, descs.source.dims()[2],
                                      begin[0], strides[0], reach);
        if (strip.source_count <= 0)
            return nullptr;
        auto attributes = op.attributes;
        attributes.set("pads_begin", std::vector<std::int64_t>{strip.pad_begin, begin[1]});
        attributes.set("pads_end", std::vector<std::int64_t>{strip.pad_end, end[1]});
        auto own = descs;
        own.source = rows_of(descs.source, strip.source_count);
        own.destination = rows_of(descs.destination, strip.count);
        const auto desc = convolution_desc(builder.engine(), attributes, own);
        if (is_reference(desc))
            return nullptr;
        const auto place = [&](program::TensorIndex index, const memory::desc& image,
                               const memory::desc& piece, std::int64_t row) {
            auto* const base = static_cast<std::byte*>(builder.memory(index).get_data_handle());
            return memory(piece, builder.engine(), base + static_cast<std::size_t>(row) * row_size(image));
        };
        std::vector<std::pair<int, memory>> memories{
            {DNNL_ARG_SRC, place(op.inputs[0], descs.source, own.source, strip.source_first)},
            {DNNL_ARG_WEIGHTS, builder.memory(op.inputs[1])},
            {DNNL_ARG_DST, place(op.outputs[0], descs.destination, own.destination, strip.first)},
            {DNNL_ARG_SCRATCHPAD, memory(desc.scratchpad_desc(), builder.engine())}};
        if (descs.bias)
            memories.emplace_back(DNNL_ARG_BIAS, builder.memory(op.inputs[2]));
        step->add(convolution_forward(desc), std::move(memories));
    }
    return step;
}

} // namespace furiosa::device::cpu
