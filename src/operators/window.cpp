#include <furiosa/operators/window.hpp>

#include <furiosa/core/error.hpp>

#include <algorithm>

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

enum class AutoPad
{
    none,
    valid,
    same_upper,
    same_lower
};

AutoPad auto_pad_of(const Operation& operation)
{
    const auto text = operation.attributes.get<std::string>("auto_pad", "NOTSET");
    if (text == "NOTSET" || text.empty())
        return AutoPad::none;
    if (text == "VALID")
        return AutoPad::valid;
    if (text == "SAME_UPPER")
        return AutoPad::same_upper;
    if (text == "SAME_LOWER")
        return AutoPad::same_lower;
    throw_error(errc::malformed_model, "node '{}': auto_pad is '{}'", operation.name, text);
}

bool is_same(AutoPad pad)
{
    return pad == AutoPad::same_upper || pad == AutoPad::same_lower;
}

/// So that no extent of what a ConvTranspose makes overflows.
void require_extents(const Operation& operation, const Shape& input, const Shape& weights)
{
    for (std::size_t i = 2; i != input.rank(); ++i)
        if (input[i] > std::int64_t{1} << 32 || weights[i] < 1 || weights[i] > largest_parameter)
            throw_error(errc::invalid_shape, "node '{}' ({}): extents of input {} or weights {} are out of range",
                        operation.name, to_string(operation.kind), to_string(input), to_string(weights));
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

    const auto auto_pad = auto_pad_of(operation);
    for (std::size_t i = 0; i != axes; ++i) {
        const auto extent = input[i + 2];
        if (is_same(auto_pad))
            set_same_pads(auto_pad == AutoPad::same_upper, i, extent, window);
        else if (auto_pad == AutoPad::valid)
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

Window transposed_window_of(const Operation& operation, const Shape& input, const Shape& weights)
{
    const auto axes = input.rank() - 2;
    require_extents(operation, input, weights);
    Window window;
    window.kernel.assign(weights.begin() + 2, weights.end());
    window.strides = parameters(operation, "strides", axes, 1, 1);
    window.dilations = parameters(operation, "dilations", axes, 1, 1);
    set_explicit_pads(operation, axes, window);
    const auto padding = parameters(operation, "output_padding", axes, 0, 0);
    const bool asked = operation.attributes.has("output_shape");
    const auto wanted = parameters(operation, "output_shape", axes, 0, 0);
    const auto auto_pad = auto_pad_of(operation);
    for (std::size_t i = 0; i != axes; ++i) {
        const auto extent = input[i + 2];
        const auto reach = window.strides[i] * (extent - 1) + (window.kernel[i] - 1) * window.dilations[i] + 1;
        if (auto_pad == AutoPad::valid)
            window.pads_begin[i] = window.pads_end[i] = 0;
        window.output.push_back(reach + padding[i] - window.pads_begin[i] - window.pads_end[i]);
        if (asked || is_same(auto_pad)) {
            window.output[i] = asked ? wanted[i] : extent * window.strides[i];
            const auto total = std::max<std::int64_t>(reach + padding[i] - window.output[i], 0);
            window.pads_begin[i] = auto_pad == AutoPad::same_upper ? total / 2 : total - total / 2;
        }
        window.pads_end[i] = reach - window.pads_begin[i] - window.output[i];
    }
    return window;
}

} // namespace furiosa::operators
