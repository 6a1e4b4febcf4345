#pragma once

#include "operators/definition.hpp"

namespace furiosa::operators {

/// ReduceSum, ReduceMean, ReduceMax, …
extern const Definition reduce;
/// ArgMax and ArgMin.
extern const Definition arg_extremum;

} // namespace furiosa::operators
