#include "device/cpu/memory_format.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <oneapi/dnnl/dnnl_debug.h>
#include <optional>
#include <string_view>

namespace furiosa::device::cpu {

namespace {

using dnnl::memory;

memory::data_type dnnl_type(DataType type)
{
    switch (type) {
    case DataType::float32: return memory::data_type::f32;
    case DataType::bfloat16: return memory::data_type::bf16;
    case DataType::float16: return memory::data_type::f16;
    case DataType::int8: return memory::data_type::s8;
    case DataType::uint8: return memory::data_type::u8;
    case DataType::int32: return memory::data_type::s32;
    case DataType::int64:
    case DataType::boolean: break;
    }
    throw_error(errc::unsupported_operator, "tensors of {} do not run on the CPU device", to_string(type));
}

/// A scalar is a vector of one element: oneDNN has no rank 0.
memory::dims dims_of(const Shape& shape)
{
    if (shape.rank() == 0)
        return {1};
    return {shape.begin(), shape.end()};
}

const std::map<std::string_view, dnnl_format_tag_t>& tags_by_name()
{
    static const auto tags = [] {
        std::map<std::string_view, dnnl_format_tag_t> map;
        for (int tag = dnnl_a; tag != dnnl_format_tag_last; ++tag)
            map.emplace(dnnl_fmt_tag2str(static_cast<dnnl_format_tag_t>(tag)), static_cast<dnnl_format_tag_t>(tag));
        return map;
    }();
    return tags;
}

memory::desc dense(const memory::dims& dims, memory::data_type type)
{
    memory::dims strides(dims.size());
    memory::dim stride = 1;
    for (std::size_t i = dims.size(); i-- != 0;) {
        strides[i] = stride;
        stride *= std::max<memory::dim>(dims[i], 1);
    }
    return {dims, type, strides};
}

constexpr std::string_view images = "acdb";

/// Images with the channels innermost and pixels `pitch` elements apart.
std::optional<memory::desc> pitched(const memory::dims& dims, memory::data_type type, std::int64_t pitch)
{
    constexpr memory::dim most = memory::dim{1} << 40; // elements: more than any arena has, also in bytes
    if (dims.size() != 4 || pitch < std::max<memory::dim>(dims[1], 1))
        return std::nullopt;
    memory::dim row = 0;
    memory::dim image = 0;
    memory::dim all = 0;
    if (__builtin_mul_overflow(dims[3], pitch, &row) || __builtin_mul_overflow(dims[2], row, &image) ||
        __builtin_mul_overflow(dims[0], image, &all) || std::max({pitch, row, image, all}) > most)
        return std::nullopt;
    return memory::desc(dims, type, {image, 1, row, pitch});
}

/// What follows the slash.
std::optional<std::int64_t> pitch_of(std::string_view format)
{
    if (!format.starts_with(images) || !format.substr(images.size()).starts_with('/'))
        return std::nullopt;
    format.remove_prefix(images.size() + 1);
    std::int64_t pitch = 0;
    const auto [end, error] = std::from_chars(format.begin(), format.end(), pitch);
    return error == std::errc() && end == format.end() ? std::optional(pitch) : std::nullopt;
}

/// oneDNN's own comparison passes over the strides of axes of extent 1, but its kernels look at them.
bool is_same_layout(const dnnl_memory_desc_t& a, const dnnl_memory_desc_t& b)
{
    const auto& x = a.format_desc.blocking;
    const auto& y = b.format_desc.blocking;
    return dnnl_memory_desc_equal(&a, &b) == 1 && std::equal(x.strides, x.strides + a.ndims, y.strides);
}

} // namespace

bool is_known(DataType type) noexcept
{
    return type != DataType::int64 && type != DataType::boolean;
}

memory::desc describe(const TensorDesc& desc, const std::string& format)
{
    const auto dims = dims_of(desc.shape);
    const auto type = dnnl_type(desc.data_type);
    if (format.empty())
        return dense(dims, type);
    if (const auto pitch = pitch_of(format))
        if (const auto made = pitched(dims, type, *pitch))
            return *made;
    const auto tag = tags_by_name().find(format);
    dnnl_memory_desc_t made;
    if (tag == tags_by_name().end() ||
        dnnl_memory_desc_init_by_tag(&made, static_cast<int>(dims.size()), dims.data(), memory::convert_to_c(type),
                                     tag->second) != dnnl_success)
        throw_error(errc::malformed_program, "tensor '{}': the format '{}' does not go with shape {}", desc.name, format,
                    to_string(desc.shape));
    return memory::desc(made);
}

std::size_t size_in_memory(const memory::desc& desc)
{
    const auto& blocking = desc.data.format_desc.blocking;
    const auto dims = desc.dims();
    if (blocking.inner_nblks != 0 || std::ranges::find(dims, 0) != dims.end())
        return desc.get_size();
    memory::dim last = 0;
    for (std::size_t i = 0; i != dims.size(); ++i)
        last += (dims[i] - 1) * blocking.strides[i];
    return static_cast<std::size_t>(last + 1) * memory::data_type_size(desc.data_type());
}

std::string pitched_format(std::int64_t pitch)
{
    return fmt::format("{}/{}", images, pitch);
}

bool is_pitched(const std::string& format) noexcept
{
    return pitch_of(format).has_value();
}

std::string format_name(const memory::desc& desc)
{
    const auto dims = desc.dims();
    if (is_same_layout(dense(dims, desc.data_type()).data, desc.data))
        return "";
    for (const auto& [name, tag] : tags_by_name()) {
        dnnl_memory_desc_t made;
        if (dnnl_memory_desc_init_by_tag(&made, static_cast<int>(dims.size()), dims.data(),
                                         memory::convert_to_c(desc.data_type()), tag) == dnnl_success &&
            is_same_layout(made, desc.data))
            return std::string(name);
    }
    throw_error(errc::not_supported, "oneDNN chose a format that has no name");
}

memory::desc any_format(const memory::desc& desc)
{
    return {desc.dims(), desc.data_type(), memory::format_tag::any};
}

} // namespace furiosa::device::cpu
