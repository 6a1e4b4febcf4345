#pragma once

#include <furiosa/core/tensor_view.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace furiosa::operators {

/// Where the index of an output axis takes its elements from in the input; `outside` for none.
using IndexMap = std::vector<std::int64_t>;

inline constexpr std::int64_t outside = -1;

/// Fills a tensor with the elements of another of the same type: y[i, j, …] = x[map0[i], map1[j], …], or the
/// element at `filler` (null: zero) where a map says `outside`. There is a map of the right length for every
/// axis.
void copy_mapped(const ConstTensorView& x, const TensorView& y, std::span<const IndexMap> maps,
                 const std::byte* filler);

} // namespace furiosa::operators
