#include <furiosa/compiler/import_onnx.hpp>

#include "compiler/onnx/operator_table.hpp"
#include "compiler/onnx/tensor_proto.hpp"

#include <furiosa/compiler/infer_shape.hpp>
#include <furiosa/core/error.hpp>

#include <algorithm>
#include <climits>
#include <fmt/ranges.h>
#include <limits>
#include <map>

namespace furiosa::compiler {

namespace {

// What operators of old meant otherwise they said by attributes that the table does not know: those are refused.
constexpr std::int64_t oldest_opset = 1;
constexpr std::int64_t newest_opset = 21;

std::string name_of(const onnx::NodeProto& node)
{
    return node.name().empty() && node.output_size() != 0 ? node.output(0) : node.name();
}

onnx::ModelProto parse(std::span<const std::byte> bytes)
{
    onnx::ModelProto model;
    if (bytes.size() > INT_MAX || !model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        throw_error(errc::malformed_model, "the ONNX file is damaged: it is not a protobuf of a model");
    if (!model.has_graph())
        throw_error(errc::malformed_model, "the ONNX file holds no graph");
    return model;
}

std::int64_t opset_of(const onnx::ModelProto& model)
{
    for (const auto& opset : model.opset_import())
        if (opset.domain().empty() || opset.domain() == "ai.onnx") {
            if (opset.version() < oldest_opset || opset.version() > newest_opset)
                throw_error(errc::not_supported, "the model is of opset {}; {} to {} are supported", opset.version(),
                            oldest_opset, newest_opset);
            return opset.version();
        }
    throw_error(errc::malformed_model, "the model names no operator set");
}

/// All that stands in the way, so that the user hears of it at once.
void require_supported(const onnx::GraphProto& graph)
{
    std::vector<std::string> problems;
    for (const auto& node : graph.node()) {
        const bool known_domain = node.domain().empty() || node.domain() == "ai.onnx";
        const auto* entry = known_domain ? find_operator(node.op_type()) : nullptr;
        if (!entry) {
            problems.push_back(fmt::format("operator {}{}{} (node '{}')", node.domain(), known_domain ? "" : ".",
                                           node.op_type(), name_of(node)));
            continue;
        }
        for (const auto& attribute : node.attribute())
            if (std::ranges::find(entry->attributes, attribute.name()) == entry->attributes.end())
                problems.push_back(fmt::format("attribute {} of {} (node '{}')", attribute.name(), node.op_type(),
                                               name_of(node)));
    }
    if (!problems.empty())
        throw_error(errc::unsupported_operator, "the model uses what is not supported: {}", fmt::join(problems, "; "));
}

/// Translates one graph: values by their names, nodes in their order.
class Importer
{
public:
    Importer(const onnx::GraphProto& source, std::int64_t opset, std::int64_t batch_size)
        : source_(source), opset_(opset), batch_size_(batch_size)
    {
    }

    Graph import()
    {
        for (const auto& tensor : source_.initializer())
            define(tensor.name(), read_tensor(tensor));
        for (const auto& input : source_.input())
            if (!names_.contains(input.name())) // before IR version 4 initializers are inputs too
                graph_.inputs.push_back(define(input.name(), read_input(input)));
        for (const auto& node : source_.node())
            import_node(node);
        for (const auto& output : source_.output())
            graph_.outputs.push_back(lookup(output.name(), "the outputs of the graph"));
        if (graph_.outputs.empty())
            throw_error(errc::malformed_model, "the graph has no outputs");
        return std::move(graph_);
    }

private:
    ValueId define(const std::string& name, Value value)
    {
        value.desc.name = name;
        const auto id = graph_.add(std::move(value));
        if (name.empty() || !names_.emplace(name, id).second)
            throw_error(errc::malformed_model, "the tensor name '{}' {}", name, name.empty() ? "is empty" : "is defined twice");
        return id;
    }

    ValueId lookup(const std::string& name, std::string_view reader) const
    {
        const auto found = names_.find(name);
        if (found == names_.end())
            throw_error(errc::malformed_model,
                        "{} read '{}', which nothing before makes: an initializer is missing, or the nodes are not in order",
                        reader, name);
        return found->second;
    }

    Value read_input(const onnx::ValueInfoProto& info) const
    {
        const auto where = fmt::format("input '{}'", info.name());
        if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape())
            throw_error(errc::dynamic_dimension, "{}: is no tensor of known rank", where);
        const auto& type = info.type().tensor_type();
        Value value;
        value.desc.data_type = data_type_of_onnx(type.elem_type(), where);
        std::vector<std::int64_t> extents;
        for (int i = 0; i != type.shape().dim_size(); ++i)
            extents.push_back(bind(type.shape().dim(i), i, where));
        value.desc.shape = Shape(extents);
        if (value.desc.shape.rank() == 4)
            value.desc.layout = "NCHW"; // what the spatial operators of ONNX take
        return value;
    }

    std::int64_t bind(const onnx::TensorShapeProto::Dimension& dimension, int axis, std::string_view where) const
    {
        if (!dimension.has_dim_value()) {
            if (axis == 0)
                return batch_size_;
            throw_error(errc::dynamic_dimension, "{}: dimension {} ('{}') is not fixed; only the first one can be bound, by batch_size",
                        where, axis, dimension.dim_param());
        }
        const auto extent = dimension.dim_value();
        if (axis != 0 || batch_size_ == 1 || extent == batch_size_)
            return extent;
        if (extent == 1)
            return batch_size_;
        throw_error(errc::invalid_argument, "{}: the model is made for batches of {}, batch_size {} was asked for", where,
                    extent, batch_size_);
    }

    void import_node(const onnx::NodeProto& source)
    {
        const auto& entry = *find_operator(source.op_type());
        if (entry.kind == OpKind::constant) {
            define(single_output(source), read_constant(source));
            return;
        }
        Node node;
        node.kind = entry.kind;
        node.name = name_of(source);
        for (const auto& input : source.input())
            node.inputs.push_back(input.empty() ? no_value : lookup(input, fmt::format("node '{}'", node.name)));
        if (node.inputs.size() < entry.min_inputs || node.inputs.size() > entry.max_inputs)
            throw_error(errc::malformed_model, "node '{}' ({}): has {} inputs", node.name, source.op_type(), node.inputs.size());
        for (const auto& attribute : source.attribute())
            read_attribute(attribute, node);
        adapt(node);
        // Further outputs (Dropout's mask, MaxPool's indices) stay undefined: whoever reads one is told so.
        node.outputs = {define(single_output(source), Value{})};
        append(std::move(node));
    }

    const std::string& single_output(const onnx::NodeProto& source) const
    {
        if (source.output_size() == 0)
            throw_error(errc::malformed_model, "node '{}' ({}): has no output", name_of(source), source.op_type());
        return source.output(0);
    }

    void append(Node node)
    {
        infer_shape(graph_, node);
        if (node.kind == OpKind::softmax && opset_ < 13)
            return append_old_softmax(std::move(node));
        graph_.nodes.push_back(std::move(node));
    }

    /// Before opset 13 Softmax worked on a matrix: the axes before `axis`, and all from it on.
    void append_old_softmax(Node node)
    {
        const auto shape = graph_.shape(node.input(0));
        auto axis = node.attributes.integer("axis", 1);
        if (axis < 0)
            axis += static_cast<std::int64_t>(shape.rank());
        if (static_cast<std::size_t>(axis) + 1 == shape.rank()) {
            graph_.nodes.push_back(std::move(node));
            return;
        }
        const auto result = node.outputs[0];
        const auto flat = append_helper(node.name + "/flatten", OpKind::flatten, {node.input(0)}, "axis", axis);
        const auto soft = append_helper(node.name, OpKind::softmax, {flat}, "axis", 1);
        const std::vector<std::int64_t> extents(shape.begin(), shape.end());
        const auto extents_value = graph_.add_constant(
            node.name + "/shape", {std::span(extents), Shape{static_cast<std::int64_t>(extents.size())}});
        Node back;
        back.kind = OpKind::reshape;
        back.name = node.name + "/reshape";
        back.inputs = {soft, extents_value};
        back.outputs = {result};
        infer_shape(graph_, back);
        graph_.nodes.push_back(std::move(back));
    }

    ValueId append_helper(std::string name, OpKind kind, std::vector<ValueId> inputs, const char* attribute,
                          std::int64_t number)
    {
        Node node;
        node.kind = kind;
        node.name = std::move(name);
        node.inputs = std::move(inputs);
        node.attributes.set(attribute, number);
        Value value;
        value.desc.name = node.name;
        node.outputs = {graph_.add(std::move(value))};
        infer_shape(graph_, node);
        graph_.nodes.push_back(node);
        return node.outputs[0];
    }

    /// What differs among operator sets is made the same.
    void adapt(Node& node)
    {
        if (node.kind == OpKind::clip) {
            take_bound(node, 1, "min", std::numeric_limits<float>::lowest());
            take_bound(node, 2, "max", std::numeric_limits<float>::max());
            node.inputs.resize(1);
        } else if (node.kind == OpKind::dropout) {
            if (node.has_input(2) && is_true(node.input(2)))
                throw_error(errc::unsupported_operator, "node '{}' (Dropout): training is not supported", node.name);
            node.inputs.resize(1);
        } else if (node.kind == OpKind::batch_normalization && node.attributes.integer("training_mode") != 0) {
            throw_error(errc::unsupported_operator, "node '{}' (BatchNormalization): training is not supported", node.name);
        } else if (node.kind == OpKind::softmax && opset_ < 13 && !node.attributes.has("axis")) {
            node.attributes.set("axis", std::int64_t{1});
        }
    }

    bool is_true(ValueId id) const
    {
        const auto& value = graph_.at(id);
        return !value.constant || value.constant->empty() || (*value.constant).view()[0] != std::byte{0};
    }

    /// The bounds of Clip were attributes once; now they are inputs.
    void take_bound(Node& node, std::size_t index, const char* name, float otherwise)
    {
        float bound = node.attributes.real(name, otherwise);
        if (node.has_input(index)) {
            const auto& value = graph_.at(node.input(index));
            if (!value.constant || value.desc.data_type != DataType::float32 || value.desc.shape.element_count() != 1)
                throw_error(errc::unsupported_operator, "node '{}' (Clip): its {} is not one constant float", node.name, name);
            bound = value.view().as<float>()[0];
        }
        node.attributes.set(name, bound);
    }

    static void read_attribute(const onnx::AttributeProto& attribute, Node& node)
    {
        switch (attribute.type()) {
        case onnx::AttributeProto::INT: node.attributes.set(attribute.name(), attribute.i()); break;
        case onnx::AttributeProto::FLOAT: node.attributes.set(attribute.name(), attribute.f()); break;
        case onnx::AttributeProto::STRING: node.attributes.set(attribute.name(), attribute.s()); break;
        case onnx::AttributeProto::INTS:
            node.attributes.set(attribute.name(),
                                std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end()));
            break;
        case onnx::AttributeProto::FLOATS:
            node.attributes.set(attribute.name(), std::vector<float>(attribute.floats().begin(), attribute.floats().end()));
            break;
        default:
            throw_error(errc::malformed_model, "node '{}': attribute {} has a type that the operator does not have",
                        node.name, attribute.name());
        }
    }

    Value read_constant(const onnx::NodeProto& source) const
    {
        for (const auto& attribute : source.attribute()) {
            if (attribute.name() == "value" && attribute.has_t())
                return read_tensor(attribute.t());
            onnx::TensorProto tensor;
            const bool list = attribute.name().ends_with('s');
            if (attribute.name().starts_with("value_float")) {
                tensor.set_data_type(onnx::TensorProto::FLOAT);
                *tensor.mutable_float_data() = attribute.floats();
                if (!list)
                    tensor.add_float_data(attribute.f());
            } else {
                tensor.set_data_type(onnx::TensorProto::INT64);
                *tensor.mutable_int64_data() = attribute.ints();
                if (!list)
                    tensor.add_int64_data(attribute.i());
            }
            if (list)
                tensor.add_dims(std::max(tensor.float_data_size(), tensor.int64_data_size()));
            return read_tensor(tensor);
        }
        throw_error(errc::malformed_model, "node '{}' (Constant): has no value", name_of(source));
    }

    const onnx::GraphProto& source_;
    std::int64_t opset_;
    std::int64_t batch_size_;
    Graph graph_;
    std::map<std::string, ValueId, std::less<>> names_;
};

} // namespace

Graph import_onnx(std::span<const std::byte> bytes, std::int64_t batch_size)
{
    if (batch_size < 1)
        throw_error(errc::invalid_argument, "batch_size is {}; it is at least 1", batch_size);
    const auto model = parse(bytes);
    const auto opset = opset_of(model);
    require_supported(model.graph());
    return Importer(model.graph(), opset, batch_size).import();
}

} // namespace furiosa::compiler
