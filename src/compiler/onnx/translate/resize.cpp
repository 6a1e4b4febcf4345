#include "compiler/onnx/translate/translate.hpp"

#include <cmath>
#include <numeric>

namespace furiosa::compiler::translate {

namespace {

using Integers = std::vector<std::int64_t>;
using Reals = std::vector<float>;

constexpr float largest_scale = 1 << 20;

/// What a Resize is asked for, for every axis.
struct Request
{
    Reals scales;
    Integers sizes;
};

std::int64_t scaled(const OnnxNode& node, std::int64_t extent, float scale)
{
    if (!(scale > 0) || scale > largest_scale)
        node.fail(errc::malformed_model, "a scale is {}", scale);
    const auto size = std::floor(static_cast<double>(extent) * scale);
    if (size > 9e15)
        node.fail(errc::invalid_shape, "an extent of {} is scaled by {}", extent, scale);
    return static_cast<std::int64_t>(size);
}

Request by_scales(const OnnxNode& node, const Shape& x, Reals scales)
{
    Request request{std::move(scales), {}};
    for (std::size_t i = 0; i != x.rank(); ++i)
        request.sizes.push_back(scaled(node, x[i], request.scales[i]));
    return request;
}

Request by_sizes(const OnnxNode& node, const Shape& x, Integers sizes)
{
    Request request{{}, std::move(sizes)};
    for (std::size_t i = 0; i != x.rank(); ++i) {
        if (request.sizes[i] < 0 || (x[i] == 0 && request.sizes[i] != 0))
            node.fail(errc::invalid_shape, "an extent of {} is to become {}", x[i], request.sizes[i]);
        request.scales.push_back(x[i] == 0 ? 1 : static_cast<float>(static_cast<double>(request.sizes[i]) / static_cast<double>(x[i])));
    }
    return request;
}

/// keep_aspect_ratio_policy: one scale for all axes that are resized; ONNX, Resize-18.
Request keep_aspect_ratio(const OnnxNode& node, const Shape& x, const Integers& axes, Integers sizes, bool larger)
{
    float scale = 0;
    for (std::size_t i = 0; i != axes.size(); ++i) {
        const auto extent = x[static_cast<std::size_t>(axes[i])];
        const auto own = static_cast<float>(sizes[static_cast<std::size_t>(axes[i])]) / static_cast<float>(extent);
        scale = i == 0 ? own : larger ? std::max(scale, own) : std::min(scale, own);
    }
    if (!(scale > 0) || scale > largest_scale)
        node.fail(errc::invalid_shape, "the sizes that are asked for are not possible");
    Request request{Reals(x.rank(), 1), Integers(x.begin(), x.end())};
    for (const auto axis : axes) {
        const auto i = static_cast<std::size_t>(axis);
        request.scales[i] = scale;
        request.sizes[i] = static_cast<std::int64_t>(std::round(static_cast<double>(scale) * static_cast<double>(x[i])));
    }
    return request;
}

template <class T>
std::vector<T> spread(const OnnxNode& node, const std::vector<T>& values, const Integers& axes, std::vector<T> all)
{
    if (values.size() != axes.size())
        node.fail(errc::malformed_model, "has {} numbers for {} axes", values.size(), axes.size());
    for (std::size_t i = 0; i != axes.size(); ++i)
        all[static_cast<std::size_t>(axes[i])] = values[i];
    return all;
}

Integers axes_of(const OnnxNode& node, std::size_t rank)
{
    Integers axes(rank);
    std::iota(axes.begin(), axes.end(), 0);
    axes = node.attributes.integers("axes", axes);
    for (auto& axis : axes)
        axis = normalized_axis(node, axis, rank);
    return axes;
}

bool is_given(const Frontend& frontend, const OnnxNode& node, std::size_t index)
{
    return node.has_input(index) && frontend.shape(node.inputs[index]).element_count() != 0;
}

Request request_of(const Frontend& frontend, const OnnxNode& node, const Shape& x, const Integers& axes)
{
    const std::size_t scales = node.opset < 11 ? 1 : 2;
    if (is_given(frontend, node, scales))
        return by_scales(node, x, spread(node, frontend.known_floats(node, scales), axes, Reals(x.rank(), 1)));
    if (!is_given(frontend, node, 3))
        node.fail(errc::malformed_model, "neither scales nor sizes are given");
    auto sizes = spread(node, frontend.known_integers(node, 3), axes, Integers(x.begin(), x.end()));
    const auto policy = node.attributes.get<std::string>("keep_aspect_ratio_policy", "stretch");
    if (policy != "stretch")
        return keep_aspect_ratio(node, x, axes, std::move(sizes), policy == "not_larger" ? false : true);
    return by_sizes(node, x, std::move(sizes));
}

/// The region of interest of every axis: starts, then ends.
Reals region_of(const Frontend& frontend, const OnnxNode& node, const Integers& axes, std::size_t rank)
{
    Reals all(2 * rank, 0);
    std::fill(all.begin() + static_cast<std::ptrdiff_t>(rank), all.end(), 1.f);
    if (node.opset < 11 || !is_given(frontend, node, 1))
        return all;
    const auto region = frontend.known_floats(node, 1);
    if (region.size() != 2 * axes.size())
        node.fail(errc::malformed_model, "roi has {} numbers for {} axes", region.size(), axes.size());
    for (std::size_t i = 0; i != axes.size(); ++i) {
        all[static_cast<std::size_t>(axes[i])] = region[i];
        all[static_cast<std::size_t>(axes[i]) + rank] = region[i + axes.size()];
    }
    return all;
}

Values emit(Frontend& frontend, const OnnxNode& node, Attributes attributes, Request request)
{
    attributes.set("scales", std::move(request.scales));
    attributes.set("sizes", std::move(request.sizes));
    return frontend.append(OpKind::resize, node.name, {node.inputs[0]}, std::move(attributes));
}

/// Before operator set 11 positions were scaled as they are, and rounded down.
void set_old_coordinates(Attributes& attributes, const std::string& mode)
{
    attributes.set("mode", mode == "bilinear" ? std::string("linear") : mode);
    attributes.set("coordinate_transformation_mode", std::string("asymmetric"));
    attributes.set("nearest_mode", std::string("floor"));
}

} // namespace

Values resize(Frontend& frontend, OnnxNode& node)
{
    if (!node.has_input(0))
        node.fail(errc::malformed_model, "input 0 is missing");
    const auto x = frontend.shape(node.inputs[0]);
    const auto axes = axes_of(node, x.rank());
    Attributes attributes;
    if (node.opset < 11) {
        set_old_coordinates(attributes, node.attributes.get<std::string>("mode", "nearest"));
    } else {
        attributes.set("mode", node.attributes.get<std::string>("mode", "nearest"));
        attributes.set("coordinate_transformation_mode",
                       node.attributes.get<std::string>("coordinate_transformation_mode", "half_pixel"));
        attributes.set("nearest_mode", node.attributes.get<std::string>("nearest_mode", "round_prefer_floor"));
    }
    attributes.set("cubic_coeff_a", node.attributes.real("cubic_coeff_a", -0.75f));
    attributes.set("extrapolation_value", node.attributes.real("extrapolation_value", 0));
    attributes.set("exclude_outside", node.attributes.integer("exclude_outside"));
    attributes.set("antialias", node.attributes.integer("antialias"));
    attributes.set("roi", region_of(frontend, node, axes, x.rank()));
    return emit(frontend, node, std::move(attributes), request_of(frontend, node, x, axes));
}

Values upsample(Frontend& frontend, OnnxNode& node)
{
    if (!node.has_input(0))
        node.fail(errc::malformed_model, "input 0 is missing");
    const auto x = frontend.shape(node.inputs[0]);
    Reals scales;
    if (node.has_input(1))
        scales = frontend.known_floats(node, 1);
    else if (node.attributes.has("scales"))
        scales = node.attributes.get<Reals>("scales");
    else
        scales = {1, 1, node.attributes.real("height_scale", 1), node.attributes.real("width_scale", 1)};
    if (scales.size() != x.rank())
        node.fail(errc::malformed_model, "has {} scales for {}", scales.size(), to_string(x));
    Attributes attributes;
    set_old_coordinates(attributes, node.attributes.get<std::string>("mode", "nearest"));
    return emit(frontend, node, std::move(attributes), by_scales(node, x, std::move(scales)));
}

} // namespace furiosa::compiler::translate
