#include <furiosa/compiler/external_files.hpp>

#ifdef FURIOSA_WITH_ONNX
#include <climits>
#include <onnx/onnx_pb.h>
#include <set>
#endif

namespace furiosa::compiler {

#ifdef FURIOSA_WITH_ONNX

namespace {

void collect(const onnx::TensorProto& tensor, std::set<std::string>& files)
{
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL)
        return;
    for (const auto& entry : tensor.external_data())
        if (entry.key() == "location")
            files.insert(entry.value());
}

} // namespace

std::vector<std::string> external_files(std::span<const std::byte> source)
{
    onnx::ModelProto model;
    if (source.size() > INT_MAX || !model.ParseFromArray(source.data(), static_cast<int>(source.size())))
        return {};
    std::set<std::string> files;
    for (const auto& tensor : model.graph().initializer())
        collect(tensor, files);
    for (const auto& node : model.graph().node())
        for (const auto& attribute : node.attribute())
            collect(attribute.t(), files);
    return {files.begin(), files.end()};
}

#else

std::vector<std::string> external_files(std::span<const std::byte>)
{
    return {};
}

#endif

} // namespace furiosa::compiler
