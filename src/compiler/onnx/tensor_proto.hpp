#pragma once

#include <furiosa/compiler/graph.hpp>

#include <onnx/onnx_pb.h>
#include <string_view>

namespace furiosa::compiler {

/// The DataType of an ONNX element type. Throws errc::unsupported_operator, naming `where`, if there is none.
DataType data_type_of_onnx(int element_type, std::string_view where);

/// The constant that a TensorProto holds. Throws errc::malformed_model when its bytes do not fill its shape.
Value read_tensor(const onnx::TensorProto& tensor);

} // namespace furiosa::compiler
