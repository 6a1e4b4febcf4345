#include "compiler/onnx/translate/translate.hpp"

#include <numeric>
#include <set>

namespace furiosa::compiler::translate {

namespace {

using Integers = std::vector<std::int64_t>;

/// Axes were attributes, and are an input since operator set 13 (ReduceSum) or 18 (the others).
Integers axes_of(const Frontend& frontend, const OnnxNode& node)
{
    if (node.has_input(1))
        return frontend.known_integers(node, 1);
    return node.attributes.integers("axes");
}

} // namespace

Values reduce(Frontend& frontend, OnnxNode& node)
{
    if (!node.has_input(0))
        node.fail(errc::malformed_model, "input 0 is missing");
    const auto rank = frontend.shape(node.inputs[0]).rank();
    std::set<std::int64_t> axes;
    for (const auto axis : axes_of(frontend, node))
        axes.insert(normalized_axis(node, axis, rank));
    if (axes.empty() && node.attributes.integer("noop_with_empty_axes") == 0)
        for (std::size_t i = 0; i != rank; ++i)
            axes.insert(static_cast<std::int64_t>(i));
    Attributes attributes;
    attributes.set("axes", Integers(axes.begin(), axes.end()));
    attributes.set("keepdims", node.attributes.integer("keepdims", 1));
    return frontend.append(*program::parse_op_kind(node.op_type), node.name, {node.inputs[0]}, std::move(attributes));
}

Values arg_extremum(Frontend& frontend, OnnxNode& node)
{
    if (!node.has_input(0))
        node.fail(errc::malformed_model, "input 0 is missing");
    const auto rank = frontend.shape(node.inputs[0]).rank();
    Attributes attributes;
    attributes.set("axis", normalized_axis(node, node.attributes.integer("axis"), rank));
    attributes.set("keepdims", node.attributes.integer("keepdims", 1));
    attributes.set("select_last_index", node.attributes.integer("select_last_index"));
    return frontend.append(*program::parse_op_kind(node.op_type), node.name, {node.inputs[0]}, std::move(attributes));
}

} // namespace furiosa::compiler::translate
