#pragma once

#include <furiosa/core/tensor.hpp>

#include <cstdint>

namespace furiosa::cli {

/// Elements from 0 to 1, all values of the integers of eight bits, and 0 or 1 of the wider ones, which may be indices.
/// The same seed gives the same tensor.
Tensor random_tensor(DataType type, const Shape& shape, std::uint64_t seed);

} // namespace furiosa::cli
