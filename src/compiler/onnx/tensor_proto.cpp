#include "compiler/onnx/tensor_proto.hpp"

#include <furiosa/core/error.hpp>

#include <cstring>

namespace furiosa::compiler {

namespace {

template <class T, class Field>
std::vector<std::byte> bytes_of(const Field& field)
{
    std::vector<std::byte> bytes(static_cast<std::size_t>(field.size()) * sizeof(T));
    for (int i = 0; i != field.size(); ++i) {
        const T element = static_cast<T>(field.Get(i));
        std::memcpy(bytes.data() + static_cast<std::size_t>(i) * sizeof(T), &element, sizeof(T));
    }
    return bytes;
}

std::vector<std::byte> elements_of(const onnx::TensorProto& tensor, DataType type)
{
    if (tensor.has_raw_data()) {
        const auto& raw = tensor.raw_data();
        const auto* begin = reinterpret_cast<const std::byte*>(raw.data());
        return {begin, begin + raw.size()};
    }
    switch (type) {
    case DataType::float32: return bytes_of<float>(tensor.float_data());
    case DataType::int64: return bytes_of<std::int64_t>(tensor.int64_data());
    case DataType::int32: return bytes_of<std::int32_t>(tensor.int32_data());
    case DataType::uint8:
    case DataType::boolean: return bytes_of<std::uint8_t>(tensor.int32_data());
    case DataType::int8: return bytes_of<std::int8_t>(tensor.int32_data());
    case DataType::float16:
    case DataType::bfloat16: return bytes_of<std::uint16_t>(tensor.int32_data());
    }
    return {};
}

} // namespace

DataType data_type_of_onnx(int element_type, std::string_view where)
{
    switch (element_type) {
    case onnx::TensorProto::FLOAT: return DataType::float32;
    case onnx::TensorProto::FLOAT16: return DataType::float16;
    case onnx::TensorProto::BFLOAT16: return DataType::bfloat16;
    case onnx::TensorProto::UINT8: return DataType::uint8;
    case onnx::TensorProto::INT8: return DataType::int8;
    case onnx::TensorProto::INT32: return DataType::int32;
    case onnx::TensorProto::INT64: return DataType::int64;
    case onnx::TensorProto::BOOL: return DataType::boolean;
    default: break;
    }
    const auto name = onnx::TensorProto_DataType_IsValid(element_type)
                          ? onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(element_type))
                          : std::to_string(element_type);
    throw_error(errc::unsupported_operator, "{}: the element type {} is not supported", where, name);
}

Value read_tensor(const onnx::TensorProto& tensor)
{
    const auto where = fmt::format("tensor '{}'", tensor.name());
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL)
        throw_error(errc::not_supported, "{}: its elements are in another file, which is not supported", where);
    Value value;
    value.desc.name = tensor.name();
    value.desc.data_type = data_type_of_onnx(tensor.data_type(), where);
    try {
        value.desc.shape = Shape(std::vector<std::int64_t>(tensor.dims().begin(), tensor.dims().end()));
    } catch (const Error& error) {
        throw Error(errc::malformed_model, fmt::format("{}: {}", where, error.what()));
    }
    auto bytes = elements_of(tensor, value.desc.data_type);
    if (bytes.size() != value.desc.size_in_bytes())
        throw_error(errc::malformed_model, "{}: has {} bytes of elements, but its shape {} takes {}", where, bytes.size(),
                    to_string(value.desc.shape), value.desc.size_in_bytes());
    value.constant = SharedBytes::own(std::move(bytes));
    return value;
}

} // namespace furiosa::compiler
