#include "compiler/onnx/tensor_proto.hpp"

#include "compiler/onnx/external_data.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/core/half.hpp>

#include <cstring>

namespace furiosa::compiler {

namespace {

/// The type of the elements in the file; data_type_of_onnx() has the one that they are used as.
struct Stored
{
    std::size_t size = 0;
    bool is_double = false;
    bool is_bfloat16 = false;
};

Stored stored_as(const onnx::TensorProto& tensor, DataType type)
{
    if (tensor.data_type() == onnx::TensorProto::DOUBLE)
        return {sizeof(double), true, false};
    if (tensor.data_type() == onnx::TensorProto::BFLOAT16)
        return {2, false, true};
    return {size_of(type), false, false};
}

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

std::vector<std::byte> elements_of(const onnx::TensorProto& tensor, DataType type, const Stored& stored)
{
    if (stored.is_double)
        return bytes_of<double>(tensor.double_data());
    if (stored.is_bfloat16)
        return bytes_of<std::uint16_t>(tensor.int32_data());
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

template <class T, class Convert>
std::vector<std::byte> to_float32(std::span<const std::byte> bytes, Convert convert)
{
    const auto count = bytes.size() / sizeof(T);
    std::vector<std::byte> converted(count * sizeof(float));
    for (std::size_t i = 0; i != count; ++i) {
        T element;
        std::memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
        const float value = convert(element);
        std::memcpy(converted.data() + i * sizeof(float), &value, sizeof value);
    }
    return converted;
}

SharedBytes as_used(SharedBytes bytes, const Stored& stored)
{
    if (stored.is_double)
        return SharedBytes::own(to_float32<double>(bytes, [](double x) { return static_cast<float>(x); }));
    if (stored.is_bfloat16)
        return SharedBytes::own(to_float32<std::uint16_t>(bytes, [](std::uint16_t x) { return bfloat16_to_float(x); }));
    return bytes;
}

SharedBytes bytes_in(const onnx::TensorProto& tensor, DataType type, const Stored& stored, std::uint64_t size,
                     const std::filesystem::path& external_data)
{
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL)
        return read_external_data(tensor, size, external_data);
    if (tensor.has_raw_data()) {
        const auto& raw = tensor.raw_data();
        const auto* begin = reinterpret_cast<const std::byte*>(raw.data());
        return SharedBytes::own({begin, begin + raw.size()});
    }
    return SharedBytes::own(elements_of(tensor, type, stored));
}

/// Any byte but 0 is true; C++ wants a 1.
void normalize_booleans(Value& value)
{
    std::vector<std::byte> bytes(value.constant->view().begin(), value.constant->view().end());
    for (auto& byte : bytes)
        byte = byte == std::byte{0} ? byte : std::byte{1};
    value.constant = SharedBytes::own(std::move(bytes));
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

Value read_tensor(const onnx::TensorProto& tensor, const std::filesystem::path& external_data)
{
    const auto where = fmt::format("tensor '{}'", tensor.name());
    Value value;
    value.desc.name = tensor.name();
    const bool converted =
        tensor.data_type() == onnx::TensorProto::DOUBLE || tensor.data_type() == onnx::TensorProto::BFLOAT16;
    value.desc.data_type = converted ? DataType::float32 : data_type_of_onnx(tensor.data_type(), where);
    try {
        value.desc.shape = Shape(std::vector<std::int64_t>(tensor.dims().begin(), tensor.dims().end()));
    } catch (const Error& error) {
        throw Error(errc::malformed_model, fmt::format("{}: {}", where, error.what()));
    }
    const auto stored = stored_as(tensor, value.desc.data_type);
    const auto size = static_cast<std::uint64_t>(value.desc.shape.element_count()) * stored.size;
    auto bytes = bytes_in(tensor, value.desc.data_type, stored, size, external_data);
    if (bytes.size() != size)
        throw_error(errc::malformed_model, "{}: has {} bytes of elements, but its shape {} takes {}", where, bytes.size(),
                    to_string(value.desc.shape), size);
    value.constant = as_used(std::move(bytes), stored);
    if (value.desc.data_type == DataType::boolean)
        normalize_booleans(value);
    return value;
}

} // namespace furiosa::compiler
