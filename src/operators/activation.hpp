#pragma once

#include "operators/definition.hpp"

#include <span>

namespace furiosa::operators {

/// Throws errc::unsupported_operator if the attribute "activation" names no function that `activate` knows,
/// or is set though the output is not float32.
void require_known_activation(const Question& question, DataType output = DataType::float32);

/// Applies the function that was fused into an operator, if any: the attribute "activation" is the name of a
/// unary operator, whose own attributes (alpha, min, …) stand beside it with their ONNX names and defaults.
void activate(const Attributes& attributes, std::span<float> values);

} // namespace furiosa::operators
