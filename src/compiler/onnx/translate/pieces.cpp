#include "compiler/onnx/translate/translate.hpp"

#include <algorithm>
#include <numeric>

namespace furiosa::compiler::translate {

namespace {

using Integers = std::vector<std::int64_t>;

Integers all_axes(std::size_t count)
{
    Integers axes(count);
    std::iota(axes.begin(), axes.end(), 0);
    return axes;
}

} // namespace

Values concat(Frontend& frontend, OnnxNode& node)
{
    const auto rank = input_shape(frontend, node).rank();
    Attributes attributes;
    attributes.set("axis", normalized_axis(node, node.attributes.integer("axis", 1), rank)); // 1 before operator set 4
    return frontend.append(OpKind::concat, node.name, node.inputs, std::move(attributes));
}

Values gather(Frontend& frontend, OnnxNode& node)
{
    const auto rank = input_shape(frontend, node).rank();
    Attributes attributes;
    attributes.set("axis", normalized_axis(node, node.attributes.integer("axis"), rank));
    return frontend.append(OpKind::gather, node.name, node.inputs, std::move(attributes));
}

namespace {

/// The pads of the axes that are named, as pads of all axes.
Integers full_pads(const OnnxNode& node, const Integers& pads, const Integers& axes, std::size_t rank)
{
    if (pads.size() != 2 * axes.size())
        node.fail(errc::malformed_model, "has {} pads for {} axes", pads.size(), axes.size());
    Integers full(2 * rank);
    for (std::size_t i = 0; i != axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(normalized_axis(node, axes[i], rank));
        full[axis] = pads[i];
        full[axis + rank] = pads[i + axes.size()];
    }
    return full;
}

} // namespace

Values pad(Frontend& frontend, OnnxNode& node)
{
    const auto rank = input_shape(frontend, node).rank();
    const bool has_attributes = node.opset < 11;
    const char* name = node.attributes.has("paddings") ? "paddings" : "pads"; // operator set 1
    const auto pads = has_attributes ? node.attributes.integers(name) : frontend.known_integers(node, 1);
    const auto axes = node.has_input(3) ? frontend.known_integers(node, 3) : all_axes(rank);
    Attributes attributes;
    attributes.set("mode", node.attributes.get<std::string>("mode", "constant"));
    attributes.set("pads", full_pads(node, pads, axes, rank));
    std::vector<ValueId> inputs{node.inputs[0]};
    if (has_attributes && node.attributes.real("value") != 0)
        inputs.push_back(frontend.scalar(node.name + "/value", node.attributes.real("value")));
    else if (!has_attributes && node.has_input(2))
        inputs.push_back(node.inputs[2]);
    return frontend.append(OpKind::pad, node.name, std::move(inputs), std::move(attributes));
}

namespace {

/// The part of one axis that a Slice takes.
struct Range
{
    std::int64_t start = 0;
    std::int64_t step = 1;
    std::int64_t extent = 0;
};

/// As NumPy clamps it: ONNX, Slice-13.
Range clamped_range(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t extent)
{
    const auto place = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
        return std::clamp(at < 0 ? at + extent : at, low, high);
    };
    start = step > 0 ? place(start, 0, extent) : place(start, 0, extent - 1);
    end = step > 0 ? place(end, 0, extent) : place(end, -1, extent - 1);
    const auto distance = step > 0 ? end - start : start - end;
    if (distance <= 0 || extent == 0)
        return {0, 1, 0};
    // Steps as long as the axis take one element; shorter ones cannot overflow.
    const auto stride = std::min(step > 0 ? step : -std::max(step, -INT64_MAX), std::max(distance, extent));
    return {start, step > 0 ? stride : -stride, (distance + stride - 1) / stride};
}

} // namespace

Values slice(Frontend& frontend, OnnxNode& node)
{
    const auto x = input_shape(frontend, node);
    const bool has_attributes = node.opset < 10;
    const auto starts = has_attributes ? node.attributes.integers("starts") : frontend.known_integers(node, 1);
    const auto ends = has_attributes ? node.attributes.integers("ends") : frontend.known_integers(node, 2);
    auto axes = all_axes(starts.size());
    if (has_attributes)
        axes = node.attributes.integers("axes", axes);
    else if (node.has_input(3))
        axes = frontend.known_integers(node, 3);
    const auto steps =
        !has_attributes && node.has_input(4) ? frontend.known_integers(node, 4) : Integers(starts.size(), 1);
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        node.fail(errc::malformed_model, "has {} starts, {} ends, {} axes and {} steps", starts.size(), ends.size(),
                  axes.size(), steps.size());
    Integers all_starts(x.rank()), all_steps(x.rank(), 1), extents(x.begin(), x.end());
    for (std::size_t i = 0; i != starts.size(); ++i) {
        if (steps[i] == 0)
            node.fail(errc::malformed_model, "a step is 0");
        const auto axis = static_cast<std::size_t>(normalized_axis(node, axes[i], x.rank()));
        const auto range = clamped_range(starts[i], ends[i], steps[i], x[axis]);
        all_starts[axis] = range.start;
        all_steps[axis] = range.step;
        extents[axis] = range.extent;
    }
    Attributes attributes;
    attributes.set("starts", all_starts);
    attributes.set("steps", all_steps);
    attributes.set("extents", extents);
    return frontend.append(OpKind::slice, node.name, {node.inputs[0]}, std::move(attributes));
}

namespace {

/// As many parts as there are outputs, or as are asked for; the last is smaller where they do not divide.
Integers equal_parts(const OnnxNode& node, std::int64_t extent)
{
    const auto count = node.attributes.integer("num_outputs", static_cast<std::int64_t>(node.outputs));
    if (count < 1 || count != static_cast<std::int64_t>(node.outputs))
        node.fail(errc::malformed_model, "num_outputs is {}, but it has {}", count, node.outputs);
    if (node.opset < 18 && extent % count != 0)
        node.fail(errc::invalid_shape, "an extent of {} does not divide into {}", extent, count);
    Integers parts(node.outputs, (extent + count - 1) / count);
    for (auto& part : parts) {
        part = std::min(part, extent);
        extent -= part;
    }
    return parts;
}

} // namespace

Values split(Frontend& frontend, OnnxNode& node)
{
    const auto x = input_shape(frontend, node);
    const auto axis = normalized_axis(node, node.attributes.integer("axis"), x.rank());
    Integers parts;
    if (node.has_input(1))
        parts = frontend.known_integers(node, 1);
    else if (node.attributes.has("split"))
        parts = node.attributes.integers("split");
    else
        parts = equal_parts(node, x[static_cast<std::size_t>(axis)]);
    Attributes attributes;
    attributes.set("axis", axis);
    attributes.set("split", parts);
    return frontend.append(OpKind::split, node.name, {node.inputs[0]}, std::move(attributes), node.outputs);
}

Values tile(Frontend& frontend, OnnxNode& node)
{
    const auto rank = input_shape(frontend, node).rank();
    auto repeats = frontend.known_integers(node, 1);
    if (node.opset < 6) { // tiles along one axis
        const auto axis = frontend.known_integers(node, 2);
        if (repeats.size() != 1 || axis.size() != 1)
            node.fail(errc::malformed_model, "tiles and axis are not one number each");
        Integers all(rank, 1);
        all[static_cast<std::size_t>(normalized_axis(node, axis[0], rank))] = repeats[0];
        repeats = all;
    }
    Attributes attributes;
    attributes.set("repeats", repeats);
    return frontend.append(OpKind::tile, node.name, {node.inputs[0]}, std::move(attributes));
}

} // namespace furiosa::compiler::translate
