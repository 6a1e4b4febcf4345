#pragma once

#include "operators/definition.hpp"

#include <optional>

namespace furiosa::operators {

/// The shapes of a product, as numpy.matmul defines it: stacks of matrices that broadcast.
struct MatMulShapes
{
    // As matrices: a first factor [k] is [1, k], a second one [k, 1].
    Shape a;
    Shape b;
    Shape product;
    Shape output; ///< without the axes that were added to the factors
};

/// Nothing if the factors do not fit.
std::optional<MatMulShapes> mat_mul_shapes(const Shape& a, const Shape& b);

/// Where a product of integers has its operands among the inputs.
struct IntegerMatMulInputs
{
    std::size_t a, a_zero_point, b, b_zero_point;
};

/// Checks the operands; the shapes.
MatMulShapes check_integer_mat_mul(const Question& question, const IntegerMatMulInputs& inputs);

/// Which matrices a scale or zero point belongs to: to the rows of one, or to its columns.
enum class Lines
{
    rows,
    columns,
};

/// Throws unless input `index` has one element, or one for each line of the matrices, as [lines] or, for
/// stacks of them, with their rank and an extent of 1 along the other axis.
void check_lines(const Question& question, std::size_t index, const Shape& matrices, Lines lines);

/// The shape that lets such a tensor broadcast to the matrices.
Shape shape_of_lines(const Shape& shape, Lines lines);

/// The products of a - a_zero_point and b - b_zero_point, whose sums wrap.
void integer_mat_mul(const Work& work, const IntegerMatMulInputs& inputs, std::int32_t* out);

} // namespace furiosa::operators
