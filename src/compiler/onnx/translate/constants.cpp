#include "compiler/onnx/translate/translate.hpp"

#include <algorithm>

namespace furiosa::compiler::translate {

Values constant(Frontend& frontend, OnnxNode& node)
{
    if (node.value) {
        node.value->desc.name = node.name;
        return {frontend.graph().add(std::move(*node.value))};
    }
    const auto& attributes = node.attributes;
    if (attributes.has("value_int"))
        return {frontend.graph().add_constant(
            node.name, {std::span<const std::int64_t>(std::vector{attributes.integer("value_int")}), Shape{}})};
    if (attributes.has("value_ints"))
        return {frontend.constant(node.name, attributes.integers("value_ints"))};
    if (attributes.has("value_float"))
        return {frontend.scalar(node.name, attributes.real("value_float"))};
    if (attributes.has("value_floats")) {
        const auto floats = attributes.get<std::vector<float>>("value_floats");
        return {frontend.graph().add_constant(
            node.name, {std::span<const float>(floats), Shape{static_cast<std::int64_t>(floats.size())}})};
    }
    node.fail(errc::malformed_model, "has no value");
}

Values constant_of_shape(Frontend& frontend, OnnxNode& node)
{
    const Shape shape(frontend.known_integers(node, 0));
    auto value = node.value ? frontend.graph().add(std::move(*node.value)) : frontend.scalar(node.name + "/value", 0);
    if (frontend.shape(value).element_count() != 1)
        node.fail(errc::malformed_model, "its value has shape {} instead of one element", to_string(frontend.shape(value)));
    value = frontend.reshape(frontend.widened(value), node.name + "/scalar", Shape{});
    Attributes attributes;
    attributes.set("shape", std::vector<std::int64_t>(shape.begin(), shape.end()));
    const auto filled = frontend.append(OpKind::expand, node.name, {value}, std::move(attributes));
    if (frontend.is_narrow(value))
        frontend.mark_narrow(filled[0]);
    return filled;
}

Values shape(Frontend& frontend, OnnxNode& node)
{
    if (!node.has_input(0))
        node.fail(errc::malformed_model, "input 0 is missing");
    const auto x = frontend.shape(node.inputs[0]);
    const auto rank = static_cast<std::int64_t>(x.rank());
    const auto place = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank); };
    const auto start = place(node.attributes.integer("start"));
    const auto end = std::max(start, place(node.attributes.integer("end", rank)));
    return {frontend.constant(node.name, x.extents().subspan(static_cast<std::size_t>(start),
                                                             static_cast<std::size_t>(end - start)))};
}

Values size(Frontend& frontend, OnnxNode& node)
{
    if (!node.has_input(0))
        node.fail(errc::malformed_model, "input 0 is missing");
    const auto count = frontend.shape(node.inputs[0]).element_count();
    return {frontend.graph().add_constant(node.name, {std::span<const std::int64_t>(&count, 1), Shape{}})};
}

} // namespace furiosa::compiler::translate
