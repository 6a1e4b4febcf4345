#include "compiler/onnx/translate/translate.hpp"

namespace furiosa::compiler::translate {

Values batch_normalization(Frontend& frontend, OnnxNode& node)
{
    if (node.attributes.integer("spatial", 1) == 0)
        node.fail(errc::unsupported_operator, "spatial=0 (one mean for each position) is not supported");
    const bool training = node.opset >= 14 && node.attributes.integer("training_mode") != 0;
    if (!training && node.outputs > 1)
        node.fail(errc::unsupported_operator, "the running statistics of training are not supported in this operator set");
    Attributes attributes;
    attributes.set("epsilon", node.attributes.real("epsilon", 1e-5f));
    if (training) {
        attributes.set("training_mode", std::int64_t{1});
        attributes.set("momentum", node.attributes.real("momentum", 0.9f));
    }
    return frontend.append(OpKind::batch_normalization, node.name, node.inputs, std::move(attributes), node.outputs);
}

namespace {

bool may_train(const Frontend& frontend, const OnnxNode& node)
{
    if (!node.has_input(2))
        return false;
    const auto& training = frontend.graph().at(node.inputs[2]);
    const bool known_off = training.constant && !training.constant->empty() &&
                           training.constant->view()[0] == std::byte{0};
    if (known_off)
        return false;
    const bool has_ratio = node.has_input(1);
    if (!has_ratio)
        return true;
    const auto& ratio = frontend.graph().at(node.inputs[1]);
    const bool drops_nothing = ratio.constant && ratio.desc.data_type == DataType::float32 &&
                               ratio.desc.shape.element_count() == 1 && ratio.view().as<float>()[0] == 0;
    return !drops_nothing;
}

/// All true. Before operator set 10 the mask had the type of the data.
ValueId mask(Frontend& frontend, const OnnxNode& node)
{
    const auto x = frontend.shape(node.inputs[0]);
    const float one = 1;
    const auto scalar = frontend.scalar(node.name + "/kept", one);
    const auto type = node.opset < 10 ? frontend.type(node.inputs[0]) : DataType::boolean;
    Attributes attributes;
    attributes.set("shape", std::vector<std::int64_t>(x.begin(), x.end()));
    return frontend.append_one(OpKind::expand, node.name + "/mask",
                               {frontend.cast(scalar, node.name + "/kept_as", type)}, std::move(attributes));
}

} // namespace

Values dropout(Frontend& frontend, OnnxNode& node)
{
    input_shape(frontend, node);
    if (may_train(frontend, node))
        node.fail(errc::unsupported_operator, "training, which drops at random, is not supported");
    Values values{frontend.append_one(OpKind::identity, node.name, {node.inputs[0]})};
    if (node.outputs > 1)
        values.push_back(mask(frontend, node));
    return values;
}

Values with_axis(Frontend& frontend, OnnxNode& node)
{
    const auto rank = input_shape(frontend, node).rank();
    node.attributes.set("axis", normalized_axis(node, node.attributes.integer("axis", -1), rank));
    return frontend.append(*program::parse_op_kind(node.op_type), node.name, node.inputs, node.attributes, node.outputs);
}

/// The axis counts only where there is a scale for each of its indices.
Values quantize(Frontend& frontend, OnnxNode& node)
{
    const auto rank = input_shape(frontend, node).rank();
    if (node.attributes.integer("block_size") != 0)
        node.fail(errc::unsupported_operator, "block_size is not supported");
    if (node.attributes.integer("saturate", 1) == 0)
        node.fail(errc::unsupported_operator, "saturate=0 is not supported");
    Attributes attributes;
    const bool per_axis = node.has_input(1) && frontend.shape(node.inputs[1]).element_count() != 1;
    if (per_axis)
        attributes.set("axis", normalized_axis(node, node.attributes.integer("axis", 1), rank));
    if (const auto type = node.attributes.integer("output_dtype"); type != 0)
        attributes.set("output_dtype", type);
    return frontend.append(*program::parse_op_kind(node.op_type), node.name, node.inputs, std::move(attributes));
}

/// Before operator set 13 it worked on a matrix: the axes before `axis`, and all from it on.
Values softmax(Frontend& frontend, OnnxNode& node)
{
    if (node.opset >= 13)
        return with_axis(frontend, node);
    const auto x = input_shape(frontend, node);
    const auto axis = normalized_axis(node, node.attributes.integer("axis", 1), x.rank() == 0 ? 1 : x.rank());
    std::int64_t rows = 1;
    for (std::int64_t i = 0; i != axis; ++i)
        rows *= x[static_cast<std::size_t>(i)];
    const auto count = x.element_count();
    const Shape matrix{rows, rows == 0 ? 0 : count / rows};
    const auto kind = *program::parse_op_kind(node.op_type);
    Attributes attributes;
    attributes.set("axis", std::int64_t{1});
    const auto flat = frontend.reshape(node.inputs[0], node.name + "/flat", matrix);
    if (matrix == x)
        return frontend.append(kind, node.name, {flat}, std::move(attributes));
    const auto soft = frontend.append_one(kind, node.name + "/matrix", {flat}, std::move(attributes));
    return {frontend.reshape(soft, node.name, x)};
}

} // namespace furiosa::compiler::translate
