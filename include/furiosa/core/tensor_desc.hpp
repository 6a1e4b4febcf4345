#pragma once

#include <furiosa/core/data_type.hpp>
#include <furiosa/core/shape.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace furiosa {

/// How integers stand for real numbers: real = scale * (integer - zero_point).
///
/// One scale and zero point for the whole tensor, or one for each index along `axis`.
struct Quantization
{
    std::vector<float> scales;
    std::vector<std::int32_t> zero_points;
    /// Nothing: per tensor, and both vectors hold one element.
    std::optional<std::size_t> axis;

    friend bool operator==(const Quantization&, const Quantization&) = default;
};

/// What a tensor is, without its elements.
struct TensorDesc
{
    std::string name;
    DataType data_type = DataType::float32;
    Shape shape;
    /// One letter an axis, as "NCHW"; empty if nobody said.
    std::string layout;
    std::optional<Quantization> quantization;

    std::size_t size_in_bytes() const noexcept
    {
        return static_cast<std::size_t>(shape.element_count()) * size_of(data_type);
    }

    friend bool operator==(const TensorDesc&, const TensorDesc&) = default;
};

/// "image: float32[1, 3, 224, 224] NCHW"
std::string to_string(const TensorDesc& desc);

} // namespace furiosa
