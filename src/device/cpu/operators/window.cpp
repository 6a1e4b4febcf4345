#include "device/cpu/operators/window.hpp"

namespace furiosa::device::cpu {

namespace {

using dnnl::memory;

constexpr std::int64_t largest = 1 << 20;

memory::dims numbers(const program::Attributes& attributes, const char* name, std::size_t axes,
                     std::int64_t otherwise, std::int64_t least)
{
    auto values = attributes.integers(name, std::vector<std::int64_t>(axes, otherwise));
    if (values.size() != axes)
        throw dnnl::error(dnnl_invalid_arguments, "the window has another number of axes than the input");
    for (const auto value : values)
        if (value < least || value > largest)
            throw dnnl::error(dnnl_invalid_arguments, "the window is out of range");
    return values;
}

} // namespace

Window window_of(const program::Attributes& attributes, std::size_t axes)
{
    Window window{numbers(attributes, "strides", axes, 1, 1), numbers(attributes, "dilations", axes, 1, 1),
                  numbers(attributes, "pads_begin", axes, 0, 0),
                  numbers(attributes, "pads_end", axes, 0, -largest)};
    for (auto& dilation : window.dilations)
        --dilation;
    return window;
}

memory::dims kernel_of(const program::Attributes& attributes, std::size_t axes)
{
    return numbers(attributes, "kernel_shape", axes, 0, 1);
}

} // namespace furiosa::device::cpu
