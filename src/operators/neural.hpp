#pragma once

#include "operators/definition.hpp"

namespace furiosa::operators {

// Convolutions, products, pools and normalizations.

extern const Definition conv;
extern const Definition conv_transpose;
extern const Definition gemm;
extern const Definition mat_mul;

extern const Definition average_pool;
extern const Definition max_pool;
extern const Definition global_average_pool;
extern const Definition global_max_pool;

extern const Definition batch_normalization;
extern const Definition instance_normalization;
extern const Definition layer_normalization;
extern const Definition lp_normalization;
extern const Definition lrn;

/// Softmax and LogSoftmax.
extern const Definition softmax;
extern const Definition resize;

} // namespace furiosa::operators
