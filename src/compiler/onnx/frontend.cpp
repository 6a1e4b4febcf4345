#include "compiler/onnx/frontend.hpp"

#include <furiosa/compiler/fold.hpp>
#include <furiosa/compiler/infer_shape.hpp>

namespace furiosa::compiler {

namespace {

/// Shapes and the like are computed whatever has been computed before.
constexpr std::size_t always_computed = 4096;

} // namespace

Frontend::Frontend(std::size_t source_size) : budget_(64 * 1024 * 1024 + 4 * source_size) {}

std::vector<ValueId> Frontend::append(OpKind kind, std::string name, std::vector<ValueId> inputs, Attributes attributes,
                                      std::size_t outputs)
{
    Node node;
    node.kind = kind;
    node.name = std::move(name);
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    for (std::size_t i = 0; i != outputs; ++i) {
        Value value;
        value.desc.name = i == 0 ? node.name : fmt::format("{}/{}", node.name, i);
        node.outputs.push_back(graph_.add(std::move(value)));
    }
    auto ids = node.outputs;
    infer_shape(graph_, node);
    if (!try_fold(node))
        graph_.nodes.push_back(std::move(node));
    return ids;
}

bool Frontend::try_fold(const Node& node)
{
    if (!is_foldable(graph_, node))
        return false;
    std::size_t size = 0;
    for (const auto output : node.outputs)
        size += graph_.at(output).desc.size_in_bytes();
    if (size > always_computed) {
        if (size > budget_)
            return false;
        budget_ -= size;
    }
    fold(graph_, node);
    return true;
}

ValueId Frontend::append_one(OpKind kind, std::string name, std::vector<ValueId> inputs, Attributes attributes)
{
    return append(kind, std::move(name), std::move(inputs), std::move(attributes)).front();
}

ValueId Frontend::constant(std::string name, std::span<const std::int64_t> integers)
{
    return graph_.add_constant(std::move(name), {integers, Shape{static_cast<std::int64_t>(integers.size())}});
}

ValueId Frontend::scalar(std::string name, float value)
{
    return graph_.add_constant(std::move(name), {std::span<const float>(&value, 1), Shape{}});
}

ValueId Frontend::reshape(ValueId value, std::string name, const Shape& shape)
{
    if (this->shape(value) == shape)
        return value;
    Attributes attributes;
    attributes.set("shape", std::vector<std::int64_t>(shape.begin(), shape.end()));
    return append_one(OpKind::reshape, std::move(name), {value}, std::move(attributes));
}

ValueId Frontend::cast(ValueId value, std::string name, DataType type)
{
    if (this->type(value) == type)
        return value;
    Attributes attributes;
    attributes.set("to", static_cast<std::int64_t>(type));
    return append_one(OpKind::cast, std::move(name), {value}, std::move(attributes));
}

ValueId Frontend::widened(ValueId value)
{
    if (value == no_value || type(value) != DataType::float16)
        return value;
    if (const auto known = widened_.find(value); known != widened_.end())
        return known->second;
    const auto wide = cast(value, graph_.at(value).desc.name + "/float32", DataType::float32);
    widened_.emplace(value, wide);
    mark_narrow(wide);
    return wide;
}

void Frontend::mark_narrow(ValueId value)
{
    if (type(value) == DataType::float32)
        narrow_.insert(value);
}

ValueId Frontend::narrowed(ValueId value)
{
    return narrow_.contains(value) ? cast(value, graph_.at(value).desc.name + "/float16", DataType::float16) : value;
}

std::vector<std::int64_t> Frontend::known_integers(const OnnxNode& node, std::size_t index) const
{
    const auto id = node.input(index);
    if (id == no_value)
        node.fail(errc::malformed_model, "input {} is missing", index);
    const auto& value = graph_.at(id);
    if (!value.constant)
        node.fail(errc::dynamic_dimension, "its input '{}' decides about shapes, but is not known at compile time: bind it "
                                           "to a constant",
                  value.desc.name);
    if (value.desc.data_type == DataType::int64) {
        const auto elements = value.view().as<std::int64_t>();
        return {elements.begin(), elements.end()};
    }
    if (value.desc.data_type != DataType::int32)
        node.fail(errc::malformed_model, "input {} is {} instead of int64", index, to_string(value.desc.data_type));
    const auto elements = value.view().as<std::int32_t>();
    return {elements.begin(), elements.end()};
}

std::vector<float> Frontend::known_floats(const OnnxNode& node, std::size_t index) const
{
    const auto id = node.input(index);
    if (id == no_value)
        node.fail(errc::malformed_model, "input {} is missing", index);
    const auto& value = graph_.at(id);
    if (!value.constant || value.desc.data_type != DataType::float32)
        node.fail(errc::dynamic_dimension, "its input '{}' is not a constant of float32: bind it to one", value.desc.name);
    const auto elements = value.view().as<float>();
    return {elements.begin(), elements.end()};
}

std::int64_t normalized_axis(const OnnxNode& node, std::int64_t axis, std::size_t rank)
{
    const auto signed_rank = static_cast<std::int64_t>(rank);
    if (axis < -signed_rank || axis >= signed_rank)
        node.fail(errc::malformed_model, "axis {} is not there: the rank is {}", axis, rank);
    return axis < 0 ? axis + signed_rank : axis;
}

} // namespace furiosa::compiler
