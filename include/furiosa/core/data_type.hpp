#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace furiosa {

/// Element types, by their ONNX names. The values stand in program files and never change.
enum class DataType : std::uint8_t {
    float32 = 0,
    float16 = 1,
    bfloat16 = 2,
    uint8 = 3,
    int8 = 4,
    int32 = 5,
    int64 = 6,
    boolean = 7,
};

namespace detail {

struct DataTypeTraits
{
    std::string_view name;
    std::size_t size;
};

inline constexpr std::array<DataTypeTraits, 8> data_types{{{"float32", 4},
                                                           {"float16", 2},
                                                           {"bfloat16", 2},
                                                           {"uint8", 1},
                                                           {"int8", 1},
                                                           {"int32", 4},
                                                           {"int64", 8},
                                                           {"bool", 1}}};

} // namespace detail

/// The ONNX name: "float32", …, "bool".
constexpr std::string_view to_string(DataType type) noexcept
{
    return detail::data_types[static_cast<std::size_t>(type)].name;
}

/// Bytes of one element.
constexpr std::size_t size_of(DataType type) noexcept
{
    return detail::data_types[static_cast<std::size_t>(type)].size;
}

/// The type with that ONNX name, or nothing.
constexpr std::optional<DataType> parse_data_type(std::string_view name) noexcept
{
    for (std::size_t i = 0; i != detail::data_types.size(); ++i)
        if (detail::data_types[i].name == name)
            return static_cast<DataType>(i);
    return std::nullopt;
}

/// The DataType of a C++ element type; float16 and bfloat16 have none in C++20.
template <class T>
inline constexpr DataType data_type_of = [] {
    static_assert(sizeof(T) == 0, "no furiosa::DataType stands for this C++ type");
    return DataType::float32;
}();
template <>
inline constexpr DataType data_type_of<float> = DataType::float32;
template <>
inline constexpr DataType data_type_of<std::uint8_t> = DataType::uint8;
template <>
inline constexpr DataType data_type_of<std::int8_t> = DataType::int8;
template <>
inline constexpr DataType data_type_of<std::int32_t> = DataType::int32;
template <>
inline constexpr DataType data_type_of<std::int64_t> = DataType::int64;
template <>
inline constexpr DataType data_type_of<bool> = DataType::boolean;

} // namespace furiosa
