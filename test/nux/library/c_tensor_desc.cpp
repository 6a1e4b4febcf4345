#include "nux/nux.hpp"

#include "nux/library/handles.hpp"
#include "nux/library/model.hpp"

#include <cstdlib>
#include <cstring>

using namespace furiosa::test::nux;
using furiosa::TensorDesc;

namespace {

/// `answer` for the description, or `fallback` if there is none.
template <class Result, class Answer>
Result ask(void* handle, Result fallback, Answer answer)
{
    return value_or(fallback, [&] { return static_cast<Result>(answer(*Handles<const TensorDesc>::require(handle))); });
}

int axis_code(char letter)
{
    constexpr std::string_view letters = "WHCN";
    constexpr int unknown = 8;
    const auto code = letters.find(letter);
    return code == letters.npos ? unknown : static_cast<int>(code);
}

/// Images are NCHW unless the model says otherwise.
std::string_view layout_of(const TensorDesc& desc)
{
    if (desc.layout.empty() && desc.shape.rank() == 4)
        return "NCHW";
    return desc.layout;
}

} // namespace

char* nux_tensor_name(void* handle)
{
    return ask<char*>(handle, nullptr, [](const TensorDesc& desc) { return strdup(desc.name.c_str()); });
}

void nux_string_destroy(char* string)
{
    std::free(string);
}

std::uintptr_t nux_tensor_dim_num(void* handle)
{
    return ask<std::uintptr_t>(handle, 0, [](const TensorDesc& desc) { return desc.shape.rank(); });
}

std::uintptr_t nux_tensor_dim(void* handle, std::uintptr_t index)
{
    return ask<std::uintptr_t>(handle, 0, [&](const TensorDesc& desc) -> std::int64_t {
        return index < desc.shape.rank() ? desc.shape[index] : 0;
    });
}

std::uintptr_t nux_tensor_stride(void* handle, std::uintptr_t index)
{
    return ask<std::uintptr_t>(handle, 0, [&](const TensorDesc& desc) -> std::int64_t {
        if (index >= desc.shape.rank())
            return 0;
        return furiosa::Shape(desc.shape.extents().subspan(index + 1)).element_count();
    });
}

int nux_tensor_axis(void* handle, std::uintptr_t index)
{
    return ask(handle, axis_code('?'), [&](const TensorDesc& desc) {
        const auto layout = layout_of(desc);
        return axis_code(index < layout.size() ? layout[index] : '?');
    });
}

int nux_tensor_dtype(void* handle)
{
    return ask(handle, -1, [](const TensorDesc& desc) { return dtype_code(desc.data_type); });
}

std::uintptr_t nux_tensor_len(void* handle)
{
    return ask<std::uintptr_t>(handle, 0, [](const TensorDesc& desc) { return desc.shape.element_count(); });
}

std::uintptr_t nux_tensor_size(void* handle)
{
    return ask<std::uintptr_t>(handle, 0, [](const TensorDesc& desc) { return desc.size_in_bytes(); });
}

int nux_tensor_quantization_parameter(void* handle, double* scale, std::int32_t* zero_point)
{
    return guarded([&] {
        require_pointers(scale, zero_point);
        const auto& quantization = Handles<const TensorDesc>::require(handle)->quantization;
        if (!quantization || quantization->axis || quantization->scales.empty() || quantization->zero_points.empty())
            throw Failure{unsupported_feature};
        *scale = quantization->scales.front();
        *zero_point = quantization->zero_points.front();
    });
}
