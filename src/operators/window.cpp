#include <furiosa/operators/window.hpp>

#include <furiosa/core/error.hpp>

namespace furiosa::operators {

namespace {

constexpr std::int64_t largest_parameter = 1 << 20;

std::vector<std::int64_t> parameters(const Operation& operation, const char* name, std::size_t count, std::int64_t otherwise,
                                     std::int64_t least)
{
    const auto values = operation.attributes.integers(name, std::vector<std::int64_t>(count, otherwise));
    if (values.size() != count)
        throw_error(errc::malformed_model, "node '{}': {} has {} numbers instead of {}", operation.name, name, values.size(),
                    count);
    for (const auto value : values)
        if (value < least || value > largest_parameter)
            throw_error(errc::malformed_model, "node '{}': {} holds {}", operation.name, name, value);
    return values;
}

void set_explicit_pads(const Operation& operation, std::size_t axes, Window& window)
{
    const auto pads = parameters(operation, "pads", 2 * axes, 0, 0);
    window.pads_begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(axes));
    window.pads_end.assign(pads.begin() + static_cast<std::ptrdiff_t>(axes), pads.end());
}

/// SAME_UPPER and SAME_LOWER: as many outputs as input / stride, rounded up.
void set_same_pads(bool upper, std::size_t axis, std::int64_t extent, Window& window)
{
    const auto span = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
    const auto outputs = (extent + window.strides[axis] - 1) / window.strides[axis];
    const auto total = std::max<std::int64_t>((outputs - 1) * window.strides[axis] + span - extent, 0);
    window.pads_begin[axis] = upper ? total / 2 : total - total / 2;
    window.pads_end[axis] = total - window.pads_begin[axis];
}

} // namespace

Window window_of(const Operation& operation, const Shape& input, std::vector<std::int64_t> kernel)
{
    if (input.rank() < 3)
        throw_error(errc::invalid_shape, "node '{}': {} needs a batch, channels and at least one spatial axis, got {}",
                    operation.name, to_string(operation.kind), to_string(input));
    const std::size_t axes = input.rank() - 2;
    Window window;
    window.kernel = operation.attributes.integers("kernel_shape", std::move(kernel));
    if (window.kernel.size() != axes)
        throw_error(errc::malformed_model, "node '{}': the kernel has {} axes, the input has {}", operation.name,
                    window.kernel.size(), axes);
    for (const auto extent : window.kernel)
        if (extent < 1 || extent > largest_parameter)
            throw_error(errc::malformed_model, "node '{}': the kernel has an extent of {}", operation.name, extent);
    window.strides = parameters(operation, "strides", axes, 1, 1);
    window.dilations = parameters(operation, "dilations", axes, 1, 1);
    set_explicit_pads(operation, axes, window);

    const auto auto_pad = operation.attributes.get<std::string>("auto_pad", "NOTSET");
    const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
    if (!same && auto_pad != "NOTSET" && auto_pad != "VALID" && !auto_pad.empty())
        throw_error(errc::malformed_model, "node '{}': auto_pad is '{}'", operation.name, auto_pad);
    for (std::size_t i = 0; i != axes; ++i) {
        const auto extent = input[i + 2];
        if (same)
            set_same_pads(auto_pad == "SAME_UPPER", i, extent, window);
        else if (auto_pad == "VALID")
            window.pads_begin[i] = window.pads_end[i] = 0;
        const auto span = (window.kernel[i] - 1) * window.dilations[i] + 1;
        const auto room = extent + window.pads_begin[i] + window.pads_end[i] - span;
        if (room < 0)
            throw_error(errc::invalid_shape, "node '{}': a window of {} does not fit in the padded extent {}", operation.name,
                        span, room + span);
        auto outputs = room / window.strides[i] + 1;
        if (operation.attributes.integer("ceil_mode") != 0 && room % window.strides[i] != 0 &&
            outputs * window.strides[i] < extent + window.pads_begin[i]) // a window must begin inside
            ++outputs;
        window.output.push_back(outputs);
    }
    return window;
}

} // namespace furiosa::operators
