#include "device/cpu/memory_format.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <map>
#include <oneapi/dnnl/dnnl_debug.h>
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
    const auto tag = tags_by_name().find(format);
    dnnl_memory_desc_t made;
    if (tag == tags_by_name().end() ||
        dnnl_memory_desc_init_by_tag(&made, static_cast<int>(dims.size()), dims.data(), memory::convert_to_c(type),
                                     tag->second) != dnnl_success)
        throw_error(errc::malformed_program, "tensor '{}': the format '{}' does not go with shape {}", desc.name, format,
                    to_string(desc.shape));
    return memory::desc(made);
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
