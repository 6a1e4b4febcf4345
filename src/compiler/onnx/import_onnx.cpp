#include <furiosa/compiler/import_onnx.hpp>

#include "compiler/onnx/frontend.hpp"
#include "compiler/onnx/operator_table.hpp"
#include "compiler/onnx/tensor_proto.hpp"

#include <algorithm>
#include <climits>
#include <fmt/ranges.h>
#include <map>

namespace furiosa::compiler {

namespace {

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

/// Gave hints to the memory planners of old; changes nothing.
constexpr std::string_view ignored_attribute = "consumed_inputs";

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
            if (attribute.name() != ignored_attribute &&
                std::ranges::find(entry->attributes, attribute.name()) == entry->attributes.end())
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
    Importer(const onnx::GraphProto& source, std::int64_t opset, std::size_t size, const ImportOptions& options)
        : source_(source), opset_(opset), options_(options), frontend_(size)
    {
    }

    Graph import()
    {
        for (const auto& tensor : source_.initializer())
            define(tensor.name(), frontend_.graph().add(read_tensor(tensor, options_.external_data)));
        for (const auto& input : source_.input())
            if (!names_.contains(input.name())) // before IR version 4 initializers are inputs too
                import_input(input);
        for (const auto& node : source_.node())
            import_node(node);
        for (const auto& output : source_.output())
            import_output(output.name());
        if (frontend_.graph().outputs.empty())
            throw_error(errc::malformed_model, "the graph has no outputs");
        return frontend_.take();
    }

private:
    void define(const std::string& name, ValueId id)
    {
        if (name.empty() || !names_.emplace(name, id).second)
            throw_error(errc::malformed_model, "the tensor name '{}' {}", name, name.empty() ? "is empty" : "is defined twice");
        frontend_.graph().values[id].desc.name = name;
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

    void import_input(const onnx::ValueInfoProto& info)
    {
        if (const auto bound = options_.constants.find(info.name()); bound != options_.constants.end())
            return define(info.name(), frontend_.graph().add_constant(info.name(), bound->second));
        const auto id = frontend_.graph().add(read_input(info));
        frontend_.graph().inputs.push_back(id);
        define(info.name(), id);
    }

    Value read_input(const onnx::ValueInfoProto& info) const
    {
        const auto where = fmt::format("input '{}'", info.name());
        if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape())
            throw_error(errc::dynamic_dimension, "{}: is no tensor of known rank", where);
        const auto& type = info.type().tensor_type();
        Value value;
        value.desc.data_type = data_type_of_onnx(type.elem_type(), where);
        if (value.desc.data_type == DataType::bfloat16)
            throw_error(errc::unsupported_operator, "{}: bfloat16 is supported for initializers only", where);
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
            if (const auto bound = options_.dimensions.find(dimension.dim_param()); bound != options_.dimensions.end())
                return bound->second;
            if (axis == 0)
                return options_.batch_size;
            throw_error(errc::dynamic_dimension,
                        "{}: dimension {} ('{}') is not fixed: the first one is bound by batch_size, others by an option "
                        "of their name",
                        where, axis, dimension.dim_param());
        }
        const auto extent = dimension.dim_value();
        if (axis != 0 || options_.batch_size == 1 || extent == options_.batch_size)
            return extent;
        if (extent == 1)
            return options_.batch_size;
        throw_error(errc::invalid_argument, "{}: the model is made for batches of {}, batch_size {} was asked for", where,
                    extent, options_.batch_size);
    }

    void import_node(const onnx::NodeProto& source)
    {
        if (source.output_size() == 0)
            throw_error(errc::malformed_model, "node '{}' ({}): has no output", name_of(source), source.op_type());
        OnnxNode node;
        node.name = name_of(source);
        node.op_type = source.op_type();
        node.opset = opset_;
        for (int i = 0; i != source.output_size(); ++i)
            if (!source.output(i).empty() || i == 0)
                node.outputs = static_cast<std::size_t>(i) + 1;
        bool narrow = false;
        for (const auto& input : source.input()) {
            const auto id = input.empty() ? no_value : lookup(input, fmt::format("node '{}'", node.name));
            narrow = narrow || (id != no_value && frontend_.is_narrow(id));
            node.inputs.push_back(frontend_.widened(id));
        }
        for (const auto& attribute : source.attribute())
            read_attribute(attribute, node);
        const bool keeps_type = node.op_type != "Cast" && node.op_type != "CastLike";
        const auto values = translate_node(frontend_, std::move(node));
        name_outputs(source, values, narrow && keeps_type);
    }

    /// Outputs that were left out have no name.
    void name_outputs(const onnx::NodeProto& source, std::span<const ValueId> values, bool narrow)
    {
        for (int i = 0; i != source.output_size(); ++i) {
            if (source.output(i).empty())
                continue;
            if (static_cast<std::size_t>(i) >= values.size())
                throw_error(errc::unsupported_operator, "node '{}' ({}): output {} is not supported", name_of(source),
                            source.op_type(), i);
            const auto value = values[static_cast<std::size_t>(i)];
            if (narrow)
                frontend_.mark_narrow(value);
            define(source.output(i), value);
        }
    }

    void import_output(const std::string& name)
    {
        const auto value = frontend_.narrowed(lookup(name, "the outputs of the graph"));
        frontend_.graph().values[value].desc.name = name;
        frontend_.graph().outputs.push_back(value);
    }

    void read_attribute(const onnx::AttributeProto& attribute, OnnxNode& node) const
    {
        const auto& name = attribute.name();
        switch (attribute.type()) {
        case onnx::AttributeProto::INT: return node.attributes.set(name, attribute.i());
        case onnx::AttributeProto::FLOAT: return node.attributes.set(name, attribute.f());
        case onnx::AttributeProto::STRING: return node.attributes.set(name, attribute.s());
        case onnx::AttributeProto::INTS:
            return node.attributes.set(name, std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end()));
        case onnx::AttributeProto::FLOATS:
            return node.attributes.set(name, std::vector<float>(attribute.floats().begin(), attribute.floats().end()));
        case onnx::AttributeProto::TENSOR: node.value = read_tensor(attribute.t(), options_.external_data); return;
        default: break;
        }
        node.fail(errc::malformed_model, "attribute {} has a type that the operator does not have", name);
    }

    const onnx::GraphProto& source_;
    std::int64_t opset_;
    const ImportOptions& options_;
    Frontend frontend_;
    std::map<std::string, ValueId, std::less<>> names_;
};

} // namespace

Graph import_onnx(std::span<const std::byte> bytes, const ImportOptions& options)
{
    if (options.batch_size < 1)
        throw_error(errc::invalid_argument, "batch_size is {}; it is at least 1", options.batch_size);
    const auto model = parse(bytes);
    const auto opset = opset_of(model);
    require_supported(model.graph());
    return Importer(model.graph(), opset, bytes.size(), options).import();
}

} // namespace furiosa::compiler
