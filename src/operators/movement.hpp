#pragma once

#include "operators/definition.hpp"

namespace furiosa::operators {

// Operators that move elements and compute nothing.

extern const Definition concat;
extern const Definition depth_to_space;
extern const Definition expand;
extern const Definition gather;
extern const Definition identity;
extern const Definition pad;
extern const Definition reshape;
extern const Definition slice;
extern const Definition space_to_depth;
extern const Definition split;
extern const Definition tile;
extern const Definition transpose;

} // namespace furiosa::operators
