#include <furiosa/compiler/onnx_summary.hpp>

#include <furiosa/core/error.hpp>

#ifdef FURIOSA_WITH_ONNX
#include <algorithm>
#include <cctype>
#include <climits>
#include <onnx/onnx_pb.h>
#include <set>
#include <string_view>
#endif

namespace furiosa::compiler {

namespace {

std::string text_of(const DeclaredExtent& extent)
{
    if (const auto* number = std::get_if<std::int64_t>(&extent))
        return fmt::format("{}", *number);
    if (const auto* symbol = std::get_if<std::string>(&extent))
        return *symbol;
    return "?";
}

#ifdef FURIOSA_WITH_ONNX

/// The name that numpy has for an element type.
std::string element_type(int type)
{
    if (!onnx::TensorProto_DataType_IsValid(type))
        return fmt::format("type {}", type);
    switch (type) {
    case onnx::TensorProto::FLOAT: return "float32";
    case onnx::TensorProto::DOUBLE: return "float64";
    default: break;
    }
    auto name = onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(type));
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name;
}

DeclaredExtent extent_of(const onnx::TensorShapeProto::Dimension& dimension)
{
    if (dimension.has_dim_value())
        return dimension.dim_value();
    if (!dimension.dim_param().empty())
        return dimension.dim_param();
    return {};
}

DeclaredTensor declared(const onnx::ValueInfoProto& info)
{
    DeclaredTensor tensor;
    tensor.name = info.name();
    const auto& type = info.type();
    if (!type.has_tensor_type()) {
        tensor.type = type.has_sequence_type() ? "sequence" : type.has_map_type() ? "map" : "unknown";
        return tensor;
    }
    tensor.type = element_type(type.tensor_type().elem_type());
    tensor.has_rank = type.tensor_type().has_shape();
    for (const auto& dimension : type.tensor_type().shape().dim())
        tensor.extents.push_back(extent_of(dimension));
    return tensor;
}

void summarize(const onnx::GraphProto& graph, OnnxSummary& summary)
{
    std::set<std::string_view> given;
    for (const auto& initializer : graph.initializer()) {
        given.insert(initializer.name());
        ++summary.initializers;
        summary.weights_size += initializer.ByteSizeLong();
        summary.external += initializer.data_location() == onnx::TensorProto::EXTERNAL;
    }
    for (const auto& input : graph.input())
        if (!given.contains(input.name()))
            summary.inputs.push_back(declared(input));
    for (const auto& output : graph.output())
        summary.outputs.push_back(declared(output));
    for (const auto& node : graph.node()) {
        const bool is_default = node.domain().empty() || node.domain() == "ai.onnx";
        ++summary.operators[is_default ? node.op_type() : node.domain() + "." + node.op_type()];
    }
}

#endif

} // namespace

std::string to_string(const DeclaredTensor& tensor)
{
    std::string extents;
    for (const auto& extent : tensor.extents)
        extents += (extents.empty() ? "" : ", ") + text_of(extent);
    return fmt::format("{}: {}{}", tensor.name, tensor.type, tensor.has_rank ? "[" + extents + "]" : "");
}

OnnxSummary summarize_onnx(std::span<const std::byte> bytes)
{
#ifdef FURIOSA_WITH_ONNX
    onnx::ModelProto model;
    if (bytes.size() > INT_MAX || !model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
        !model.has_graph())
        throw_error(errc::malformed_model, "this is no ONNX model, or a damaged one");
    OnnxSummary summary;
    summary.ir_version = model.ir_version();
    summary.producer = model.producer_name();
    if (!model.producer_version().empty())
        summary.producer += (summary.producer.empty() ? "" : " ") + model.producer_version();
    for (const auto& opset : model.opset_import())
        summary.opsets[opset.domain().empty() ? "ai.onnx" : opset.domain()] = opset.version();
    summarize(model.graph(), summary);
    return summary;
#else
    throw_error(errc::not_supported,
                "the ONNX model of {} bytes cannot be read: this library was built without the ONNX frontend (CMake "
                "option FURIOSA_WITH_ONNX)",
                bytes.size());
#endif
}

} // namespace furiosa::compiler
