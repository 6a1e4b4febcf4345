#pragma once

#include <furiosa/compiler/graph.hpp>

#include <filesystem>
#include <onnx/onnx_pb.h>
#include <string_view>

namespace furiosa::compiler {

/// The DataType of an ONNX element type. Throws errc::unsupported_operator, naming `where`, if there is none.
DataType data_type_of_onnx(int element_type, std::string_view where);

/// The constant that a TensorProto holds; bfloat16 and double become float32. `external_data` is the folder of files
/// with elements outside the model; empty: there is none.
///
/// Throws errc::malformed_model when its bytes do not fill its shape, when its file lies outside the folder or is too
/// short; not_supported when there is no folder; file_not_found.
Value read_tensor(const onnx::TensorProto& tensor, const std::filesystem::path& external_data = {});

} // namespace furiosa::compiler
