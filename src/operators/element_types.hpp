#pragma once

#include <furiosa/core/data_type.hpp>
#include <furiosa/core/error.hpp>

#include <cstdint>
#include <type_traits>

namespace furiosa::operators {

/// Calls `visit(std::type_identity<T>())` with the C++ type of the elements. float16 and bfloat16 have none: operators
/// that compute never see them, since the frontend computes in float32.
template <class Visit>
decltype(auto) visit_type(DataType type, Visit&& visit)
{
    switch (type) {
    case DataType::float32: return visit(std::type_identity<float>());
    case DataType::uint8: return visit(std::type_identity<std::uint8_t>());
    case DataType::int8: return visit(std::type_identity<std::int8_t>());
    case DataType::int32: return visit(std::type_identity<std::int32_t>());
    case DataType::int64: return visit(std::type_identity<std::int64_t>());
    case DataType::boolean: return visit(std::type_identity<bool>());
    case DataType::float16:
    case DataType::bfloat16: break;
    }
    throw_error(errc::unsupported_operator, "elements of {} are not computed with", to_string(type));
}

/// Calls `visit(std::type_identity<T>())` with an unsigned type of the size of the elements: for operators that only
/// move them.
template <class Visit>
decltype(auto) visit_size(DataType type, Visit&& visit)
{
    switch (size_of(type)) {
    case 1: return visit(std::type_identity<std::uint8_t>());
    case 2: return visit(std::type_identity<std::uint16_t>());
    case 4: return visit(std::type_identity<std::uint32_t>());
    default: return visit(std::type_identity<std::uint64_t>());
    }
}

} // namespace furiosa::operators
