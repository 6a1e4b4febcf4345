#include "device/cpu/operators/strips.hpp"

#include "device/cpu/operators/window.hpp"

#include <algorithm>

namespace furiosa::device::cpu {

using dnnl::memory;

RowWindow row_window(const program::Attributes& attributes, std::int64_t kernel)
{
    const auto window = window_of(attributes, 2);
    return {(kernel - 1) * (window.dilations[0] + 1) + 1, window.strides[0], window.begin[0]};
}

Strip window_strip(const RowWindow& window, std::int64_t input, std::int64_t first, std::int64_t last)
{
    Strip strip;
    strip.first = first;
    strip.count = last - first;
    const auto begin = first * window.stride - window.pad;
    const auto end = (last - 1) * window.stride - window.pad + window.reach;
    strip.source_first = std::max<std::int64_t>(begin, 0);
    strip.source_count = std::min(end, input) - strip.source_first;
    strip.pad_begin = strip.source_first - begin;
    strip.pad_end = std::max<std::int64_t>(end - input, 0);
    return strip;
}

/// Row i of the source reaches from row i * stride - pad of the output on.
Strip transposed_strip(const RowWindow& window, std::int64_t input, std::int64_t first, std::int64_t last)
{
    Strip strip;
    strip.first = first;
    strip.count = last - first;
    const auto out_of_reach =
        first + window.pad - window.reach; // a window that begins here ends before `first`
    strip.source_first = out_of_reach < 0 ? 0 : out_of_reach / window.stride + 1;
    const auto source_last = std::min((last - 1 + window.pad) / window.stride, input - 1);
    strip.source_count = source_last - strip.source_first + 1;
    strip.pad_begin = first + window.pad - strip.source_first * window.stride;
    strip.pad_end = (strip.source_count - 1) * window.stride + window.reach - strip.pad_begin - strip.count;
    return strip;
}

program::Attributes strip_attributes(const program::Attributes& whole, const Strip& strip)
{
    auto attributes = whole;
    for (const auto& [name, pad] : {std::pair("pads_begin", strip.pad_begin), {"pads_end", strip.pad_end}}) {
        auto pads = whole.integers(name, {0, 0});
        pads[0] = pad;
        attributes.set(name, pads);
    }
    return attributes;
}

bool can_be_cut(StepBuilder& builder, program::TensorIndex source, program::TensorIndex destination)
{
    const auto is_image = [&](program::TensorIndex index) {
        const auto& tensor = builder.tensor(index);
        return tensor.format == "acdb" && tensor.desc.shape.rank() == 4 && tensor.desc.shape[0] == 1 &&
               tensor.desc.data_type == DataType::float32 && tensor.location == program::Location::arena;
    };
    const auto threads = builder.team().size();
    return threads > 1 && is_image(source) && is_image(destination) &&
           builder.tensor(destination).desc.shape[2] >= 2 * threads;
}

memory::desc rows_of(const memory::desc& image, std::int64_t count)
{
    auto dims = image.dims();
    dims[2] = count;
    return {dims, image.data_type(), memory::format_tag::nhwc};
}

memory rows_at(StepBuilder& builder, program::TensorIndex image, const memory::desc& rows, std::int64_t first)
{
    auto* const base = static_cast<std::byte*>(builder.memory(image).get_data_handle());
    const auto dims = rows.dims();
    const auto row = static_cast<std::size_t>(dims[3] * dims[1]) * sizeof(float);
    return {rows, builder.engine(), base + static_cast<std::size_t>(first) * row};
}

} // namespace furiosa::device::cpu
