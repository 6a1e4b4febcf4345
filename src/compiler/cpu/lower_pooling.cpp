#include "compiler/cpu/lowering.hpp"
#include "device/cpu/memory_format.hpp"
#include "device/cpu/operators/operators.hpp"

#include <furiosa/compiler/infer_shape.hpp>

#include <algorithm>
#include <functional>

namespace furiosa::compiler {

namespace cpu = device::cpu;
using program::ProgramOperator;

namespace {

/// How far behind the input its windows reach: what ceil_mode adds is padding, too.
std::vector<std::int64_t> reach_of(const Shape& input, const operators::Window& window)
{
    auto end = window.pads_end;
    for (std::size_t i = 0; i != end.size(); ++i) {
        const auto reach =
            (window.output[i] - 1) * window.strides[i] + (window.kernel[i] - 1) * window.dilations[i] + 1;
        end[i] = reach - input[i + 2] - window.pads_begin[i];
    }
    return end;
}

/// Averages count the padding that was asked for, but not what ceil_mode adds: oneDNN knows no difference.
bool counts_some_padding_only(const Node& node, const operators::Window& window,
                              const std::vector<std::int64_t>& reach)
{
    return node.kind == OpKind::average_pool && node.attributes.integer("count_include_pad") != 0 &&
           !std::equal(reach.begin(), reach.end(), window.pads_end.begin(), std::less_equal<>());
}

/// Does each element of the source become a square of `factor` equal ones? So it is with most ways to count
/// when the sizes are multiples.
bool repeats_pixels(const Node& node, const Shape& x, const Shape& y)
{
    const auto text = [&](const char* name, const char* otherwise) {
        return node.attributes.get<std::string>(name, otherwise);
    };
    const auto mode = text("coordinate_transformation_mode", "half_pixel");
    const auto nearest = text("nearest_mode", "round_prefer_floor");
    const bool by_half = mode == "half_pixel" || mode == "pytorch_half_pixel";
    const bool exact = (mode == "asymmetric" && nearest == "floor") ||
                       (by_half && (nearest == "round_prefer_floor" || nearest == "round_prefer_ceil"));
    if (text("mode", "nearest") != "nearest" || !exact || x.rank() < 3 || x.rank() > 5 || x[0] != y[0] ||
        x[1] != y[1])
        return false;
    const auto scales = node.attributes.get<std::vector<float>>("scales");
    for (std::size_t i = 2; i != x.rank(); ++i)
        if (y[i] % x[i] != 0 || y[i] / x[i] < 2 || // pytorch_half_pixel counts an extent of 1 in its own way
            (i < scales.size() && scales[i] != static_cast<float>(y[i] / x[i])))
            return false;
    return true;
}

} // namespace

void Lowering::lower_pool(const Node& node)
{
    const auto& x = graph_.shape(node.inputs[0]);
    const auto window = operators::window_of(operation_of(node), x, {});
    const auto reach = reach_of(x, window);
    if (counts_some_padding_only(node, window, reach))
        return lower_plain(node);
    const auto source = as_it_is(node.inputs[0]);
    auto attributes = window_attributes(node, window);
    attributes.set("count_include_pad", node.attributes.integer("count_include_pad"));
    attributes.set("pads_end", reach);
    const ProgramOperator op{node.kind, node.name, {}, {}, attributes};
    const auto chosen =
        cpu::pooling_desc(engine_, op, desc_of(source), cpu::any_format(dense_desc(node.outputs[0])));
    emit(node.kind, node.name, {source}, make_output(node, chosen.dst_desc()), std::move(attributes));
}

void Lowering::lower_resize(const Node& node)
{
    const auto& x = graph_.shape(node.inputs[0]);
    const auto& y = graph_.shape(node.outputs[0]);
    if (!repeats_pixels(node, x, y))
        return lower_plain(node);
    const auto source = as_it_is(node.inputs[0]);
    const auto format = builder_.tensor(source).format;
    const auto layout = cpu::describe(graph_.at(node.outputs[0]).desc, format);
    emit(node.kind, node.name, {source}, make_output(node, layout), {});
}

} // namespace furiosa::compiler
