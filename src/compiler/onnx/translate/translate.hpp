#pragma once

#include "compiler/onnx/frontend.hpp"

#include <vector>

namespace furiosa::compiler::translate {

// How operators that are written otherwise in ONNX, or were in older operator sets, become nodes of a graph in the
// form that operators::Operation describes. Each gives the values of the node's outputs.

using Values = std::vector<ValueId>;

/// The shape of the first input. Throws errc::malformed_model if that is missing.
Shape input_shape(const Frontend& frontend, const OnnxNode& node);

// arithmetic.cpp
Values binary(Frontend& frontend, OnnxNode& node);
Values p_relu(Frontend& frontend, OnnxNode& node);
Values gemm(Frontend& frontend, OnnxNode& node);
Values cast(Frontend& frontend, OnnxNode& node);
Values cast_like(Frontend& frontend, OnnxNode& node);
Values clip(Frontend& frontend, OnnxNode& node);

// constants.cpp
Values constant(Frontend& frontend, OnnxNode& node);
Values constant_of_shape(Frontend& frontend, OnnxNode& node);
Values shape(Frontend& frontend, OnnxNode& node);
Values size(Frontend& frontend, OnnxNode& node);

// shapes.cpp
Values expand(Frontend& frontend, OnnxNode& node);
Values flatten(Frontend& frontend, OnnxNode& node);
Values reshape(Frontend& frontend, OnnxNode& node);
Values squeeze(Frontend& frontend, OnnxNode& node);
Values transpose(Frontend& frontend, OnnxNode& node);
Values unsqueeze(Frontend& frontend, OnnxNode& node);

// pieces.cpp
Values concat(Frontend& frontend, OnnxNode& node);
Values gather(Frontend& frontend, OnnxNode& node);
Values pad(Frontend& frontend, OnnxNode& node);
Values slice(Frontend& frontend, OnnxNode& node);
Values split(Frontend& frontend, OnnxNode& node);
Values tile(Frontend& frontend, OnnxNode& node);

// reduction.cpp
Values arg_extremum(Frontend& frontend, OnnxNode& node);
Values reduce(Frontend& frontend, OnnxNode& node);

// resize.cpp
Values resize(Frontend& frontend, OnnxNode& node);
Values upsample(Frontend& frontend, OnnxNode& node);

// neural.cpp
Values batch_normalization(Frontend& frontend, OnnxNode& node);
Values dropout(Frontend& frontend, OnnxNode& node);
/// Those with an attribute "axis" that may be negative.
Values with_axis(Frontend& frontend, OnnxNode& node);
Values quantize(Frontend& frontend, OnnxNode& node);
Values softmax(Frontend& frontend, OnnxNode& node);

} // namespace furiosa::compiler::translate
