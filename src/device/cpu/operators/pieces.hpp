#pragma once

#include "device/cpu/step_builder.hpp"

#include <cstdint>
#include <initializer_list>
#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

namespace furiosa::device::cpu {

// What treats each element by itself is cut into pieces of adjacent elements, one for each thread of the team.

struct Piece
{
    std::int64_t first = 0;
    std::int64_t count = 0;
};

/// None where it does not pay, or cannot be: the tensors, which must lie alike, are small, have gaps, or lie where
/// the caller wants.
std::vector<Piece> pieces_of(StepBuilder& builder, std::initializer_list<program::TensorIndex> tensors);

dnnl::memory::desc piece_desc(const Piece& piece);
dnnl::memory piece_of(StepBuilder& builder, program::TensorIndex tensor, const Piece& piece);

} // namespace furiosa::device::cpu
