#include "device/warboy/tensor_descs.hpp"

#include "device/warboy/nux_error.hpp"

#include <furiosa/core/error.hpp>

#include <array>
#include <memory>
#include <string_view>

namespace furiosa::device::warboy {

namespace {

constexpr Nux::Size most_tensors = 1024;
constexpr Nux::Size most_axes = 8;

std::string name_of(const Nux& nux, void* desc)
{
    const std::unique_ptr<char, void (*)(char*)> name(nux.nux_tensor_name(desc), nux.nux_string_destroy);
    return name ? std::string(name.get()) : std::string();
}

DataType data_type_of(int code, const std::string& name)
{
    constexpr std::array types{DataType::float32, DataType::uint8, DataType::int8,
                               DataType::int32,   DataType::int64, DataType::bfloat16};
    if (code < 0 || static_cast<std::size_t>(code) >= types.size())
        throw_error(errc::not_supported, "tensor '{}' has the runtime's data type {}, which this library has not", name,
                    code);
    return types[static_cast<std::size_t>(code)];
}

/// A letter for each axis, or nothing if one has none.
std::string layout_of(const Nux& nux, void* desc, Nux::Size rank)
{
    constexpr std::string_view letters = "WHCN";
    std::string layout;
    for (Nux::Size i = 0; i != rank; ++i) {
        const auto axis = nux.nux_tensor_axis(desc, i);
        if (axis < 0 || static_cast<std::size_t>(axis) >= letters.size())
            return "";
        layout += letters[static_cast<std::size_t>(axis)];
    }
    return layout;
}

TensorDesc read(const Nux& nux, void* desc)
{
    if (!desc)
        throw_error(errc::device_failed, "the NPU's runtime does not describe a tensor of its model");
    TensorDesc read;
    read.name = name_of(nux, desc);
    read.data_type = data_type_of(nux.nux_tensor_dtype(desc), read.name);
    const auto rank = nux.nux_tensor_dim_num(desc);
    if (rank > most_axes)
        throw_error(errc::not_supported, "tensor '{}' has {} axes: this library knows up to {}", read.name, rank, most_axes);
    std::vector<std::int64_t> extents;
    for (Nux::Size i = 0; i != rank; ++i)
        extents.push_back(static_cast<std::int64_t>(nux.nux_tensor_dim(desc, i)));
    read.shape = Shape(extents);
    read.layout = layout_of(nux, desc, rank);
    if (nux.nux_tensor_size(desc) != read.size_in_bytes())
        throw_error(errc::not_supported,
                    "tensor '{}' {} takes {} bytes on the device instead of {}: tensors with gaps are not supported",
                    read.name, to_string(read.shape), nux.nux_tensor_size(desc), read.size_in_bytes());
    double scale = 0;
    std::int32_t zero_point = 0;
    if (nux.nux_tensor_quantization_parameter(desc, &scale, &zero_point) == nux_success)
        read.quantization = Quantization{{static_cast<float>(scale)}, {zero_point}, {}};
    return read;
}

std::vector<TensorDesc> read_all(const Nux& nux, void* model, Nux::Size count, void* (*desc)(void*, Nux::Size))
{
    if (count > most_tensors)
        throw_error(errc::device_failed, "the NPU's runtime speaks of {} tensors of a model", count);
    std::vector<TensorDesc> descs;
    for (Nux::Size i = 0; i != count; ++i)
        descs.push_back(read(nux, desc(model, i)));
    return descs;
}

} // namespace

std::vector<TensorDesc> input_descs(const Nux& nux, void* model)
{
    return read_all(nux, model, nux.nux_input_num(model), nux.nux_input_desc);
}

std::vector<TensorDesc> output_descs(const Nux& nux, void* model)
{
    return read_all(nux, model, nux.nux_output_num(model), nux.nux_output_desc);
}

} // namespace furiosa::device::warboy
