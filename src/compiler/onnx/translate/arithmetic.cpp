#include "compiler/onnx/translate/translate.hpp"

#include "compiler/onnx/tensor_proto.hpp"

#include <furiosa/program/op_kind.hpp>

#include <limits>

namespace furiosa::compiler::translate {

namespace {

OpKind kind_of(const OnnxNode& node)
{
    return *program::parse_op_kind(node.op_type);
}

/// Before operator set 7 the second operand lay along `axis` of the first, and the axes behind it were broadcast.
ValueId align_along_axis(Frontend& frontend, const OnnxNode& node, ValueId operand, std::int64_t axis)
{
    const auto rank = frontend.shape(node.inputs[0]).rank();
    const auto own = frontend.shape(operand);
    const auto begin = static_cast<std::size_t>(normalized_axis(node, axis, rank));
    if (begin + own.rank() > rank)
        node.fail(errc::invalid_shape, "{} does not fit into {} from axis {} on", to_string(own),
                  to_string(frontend.shape(node.inputs[0])), axis);
    std::vector<std::int64_t> extents(own.begin(), own.end());
    extents.resize(rank - begin, 1);
    return frontend.reshape(operand, node.name + "/aligned", Shape(extents));
}

void require_inputs(const OnnxNode& node, std::size_t count)
{
    for (std::size_t i = 0; i != count; ++i)
        if (!node.has_input(i))
            node.fail(errc::malformed_model, "input {} is missing", i);
}

} // namespace

Values binary(Frontend& frontend, OnnxNode& node)
{
    require_inputs(node, 2);
    if (node.opset < 7 && node.attributes.integer("broadcast") != 0 && node.attributes.has("axis"))
        node.inputs[1] = align_along_axis(frontend, node, node.inputs[1], node.attributes.integer("axis"));
    return frontend.append(kind_of(node), node.name, node.inputs);
}

/// Before operator set 7 the slope was one number, or one for each channel.
Values p_relu(Frontend& frontend, OnnxNode& node)
{
    require_inputs(node, 2);
    const auto x = frontend.shape(node.inputs[0]);
    const auto slope = frontend.shape(node.inputs[1]);
    if (node.opset < 7 && slope.rank() == 1 && slope[0] != 1 && x.rank() > 2)
        node.inputs[1] = align_along_axis(frontend, node, node.inputs[1], 1);
    return frontend.append(OpKind::p_relu, node.name, node.inputs);
}

Values gemm(Frontend& frontend, OnnxNode& node)
{
    Attributes attributes;
    for (const char* name : {"alpha", "beta"})
        attributes.set(name, node.attributes.real(name, 1));
    for (const char* name : {"transA", "transB"})
        attributes.set(name, node.attributes.integer(name));
    return frontend.append(OpKind::gemm, node.name, node.inputs, std::move(attributes));
}

namespace {

/// float16 is computed in float32, but what was rounded to it stays rounded.
Values cast_to(Frontend& frontend, const OnnxNode& node, DataType type)
{
    const auto value = frontend.cast(node.inputs[0], node.name, type);
    if (value != node.inputs[0])
        return {value};
    return {frontend.append_one(OpKind::identity, node.name, {value})};
}

} // namespace

Values cast(Frontend& frontend, OnnxNode& node)
{
    require_inputs(node, 1);
    const auto named = node.attributes.get<std::string>("to"); // before operator set 6
    int type = static_cast<int>(node.attributes.integer("to"));
    onnx::TensorProto_DataType parsed;
    if (!named.empty() && onnx::TensorProto_DataType_Parse(named, &parsed))
        type = parsed;
    return cast_to(frontend, node, data_type_of_onnx(type, fmt::format("node '{}' (Cast)", node.name)));
}

Values cast_like(Frontend& frontend, OnnxNode& node)
{
    require_inputs(node, 2);
    return cast_to(frontend, node,
                   frontend.is_narrow(node.inputs[1]) ? DataType::float16 : frontend.type(node.inputs[1]));
}

/// The bounds were attributes once; known ones of float32 become attributes again.
Values clip(Frontend& frontend, OnnxNode& node)
{
    require_inputs(node, 1);
    constexpr auto infinity = std::numeric_limits<float>::infinity();
    Attributes attributes;
    attributes.set("min", -infinity);
    attributes.set("max", infinity);
    bool known = frontend.type(node.inputs[0]) == DataType::float32;
    for (const std::size_t i : {1, 2}) {
        const char* name = i == 1 ? "min" : "max";
        if (!node.has_input(i)) {
            if (node.attributes.has(name))
                attributes.set(name, node.attributes.real(name));
            continue;
        }
        const auto& bound = frontend.graph().at(node.inputs[i]);
        if (!bound.constant || bound.desc.data_type != DataType::float32 || bound.desc.shape.element_count() != 1)
            known = false;
        else
            attributes.set(name, bound.view().as<float>()[0]);
    }
    if (!known)
        return frontend.append(OpKind::clip, node.name, node.inputs);
    return frontend.append(OpKind::clip, node.name, {node.inputs[0]}, std::move(attributes));
}

} // namespace furiosa::compiler::translate
