#pragma once

#include "operators/definition.hpp"

namespace furiosa::operators {

// Operators that compute each element of the output from the elements at its place.

/// Of one operand: Abs, Exp, Relu, …; also HardSigmoid, Elu and others with parameters.
extern const Definition unary;
/// Of two operands that broadcast: Add, Pow, Greater, And, PRelu, …
extern const Definition binary;
/// Of any number of operands that broadcast: Max, Min, Mean, Sum.
extern const Definition variadic;
extern const Definition where;
extern const Definition clip;
extern const Definition cast;

} // namespace furiosa::operators
