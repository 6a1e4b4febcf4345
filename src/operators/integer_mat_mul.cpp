#include "operators/integer_mat_mul.hpp"

#include "operators/broadcast.hpp"
#include "operators/quantize.hpp"
#include "operators/strided.hpp"

#include <algorithm>

namespace furiosa::operators {

namespace {

/// Differences of bytes fit.
using Centred = std::vector<std::int16_t>;

/// The elements of a factor, less its zero point.
template <class T>
Centred subtract_zero_point(const ConstTensorView& factor, const Shape& matrices,
                            const ConstTensorView* zero_point, Lines lines)
{
    Centred result(static_cast<std::size_t>(matrices.element_count()));
    const T* x = factor.as<T>().data();
    if (!zero_point) {
        std::copy_n(x, result.size(), result.begin());
        return result;
    }
    const T* zero = zero_point->as<T>().data();
    const auto dense = dense_strides(matrices);
    const StridedSpace<2> space(
        matrices.extents(), {dense, broadcast_strides(shape_of_lines(zero_point->shape(), lines), matrices)});
    space.for_each_row([&](const auto& offsets) {
        for (std::int64_t i = 0; i != space.row_length(); ++i)
            result[static_cast<std::size_t>(offsets[0] + i * space.step(0))] = static_cast<std::int16_t>(
                x[offsets[0] + i * space.step(0)] - zero[offsets[1] + i * space.step(1)]);
    });
    return result;
}

Centred centred(const Work& work, std::size_t input, std::size_t zero_point, const Shape& matrices,
                Lines lines)
{
    const auto& factor = work.inputs[input];
    const auto* zero = work.has(zero_point) ? &work.inputs[zero_point] : nullptr;
    return visit_byte(factor.data_type(), [&]<class T>(std::type_identity<T>) {
        return subtract_zero_point<T>(factor, matrices, zero, lines);
    });
}

/// One product of matrices, row by row.
void multiply(const std::int16_t* a, const std::int16_t* b, std::int32_t* out, std::int64_t rows,
              std::int64_t depth, std::int64_t columns)
{
    std::fill_n(out, rows * columns, 0);
    for (std::int64_t i = 0; i != rows; ++i, out += columns)
        for (std::int64_t k = 0; k != depth; ++k) {
            const std::int32_t factor = a[i * depth + k];
            const std::int16_t* row = b + k * columns;
            for (std::int64_t j = 0; j != columns; ++j)
                out[j] = static_cast<std::int32_t>(static_cast<std::uint32_t>(out[j]) +
                                                   static_cast<std::uint32_t>(factor * row[j]));
        }
}

Shape without_last_two(const Shape& shape)
{
    return Shape(shape.extents().first(shape.rank() - 2));
}

} // namespace

std::optional<MatMulShapes> mat_mul_shapes(const Shape& a, const Shape& b)
{
    if (a.rank() == 0 || b.rank() == 0)
        return std::nullopt;
    MatMulShapes shapes;
    shapes.a = a.rank() == 1 ? Shape{1, a[0]} : a;
    shapes.b = b.rank() == 1 ? Shape{b[0], 1} : b;
    const auto rows = shapes.a[shapes.a.rank() - 2], columns = shapes.b[shapes.b.rank() - 1];
    const auto batch = broadcast(without_last_two(shapes.a), without_last_two(shapes.b));
    if (!batch || shapes.a[shapes.a.rank() - 1] != shapes.b[shapes.b.rank() - 2])
        return std::nullopt;
    std::vector<std::int64_t> output(batch->begin(), batch->end()), product = output;
    product.insert(product.end(), {rows, columns});
    if (a.rank() != 1)
        output.push_back(rows);
    if (b.rank() != 1)
        output.push_back(columns);
    shapes.product = Shape(product);
    shapes.output = Shape(output);
    return shapes;
}

void check_lines(const Question& question, std::size_t index, const Shape& matrices, Lines lines)
{
    const auto& shape = question.shape(index);
    if (shape.element_count() == 1)
        return;
    const auto rank = matrices.rank();
    const auto axis = lines == Lines::rows ? rank - 2 : rank - 1;
    if (shape.rank() == 1 && shape[0] == matrices[axis])
        return;
    std::vector<std::int64_t> extents(matrices.begin(), matrices.end());
    extents[lines == Lines::rows ? rank - 1 : rank - 2] = 1;
    if (shape != Shape(extents))
        question.fail("input {} of shape {} is neither for all nor for the {} of {}", index, to_string(shape),
                      lines == Lines::rows ? "rows" : "columns", to_string(matrices));
}

Shape shape_of_lines(const Shape& shape, Lines lines)
{
    if (shape.element_count() == 1)
        return {};
    return shape.rank() == 1 && lines == Lines::rows ? Shape{shape[0], 1} : shape;
}

MatMulShapes check_integer_mat_mul(const Question& question, const IntegerMatMulInputs& inputs)
{
    question.require_type(inputs.a, {DataType::uint8, DataType::int8});
    question.require_type(inputs.b, {DataType::uint8, DataType::int8});
    const auto shapes = mat_mul_shapes(question.shape(inputs.a), question.shape(inputs.b));
    if (!shapes)
        question.fail("shapes {} and {} are not those of matrices to multiply",
                      to_string(question.shape(inputs.a)), to_string(question.shape(inputs.b)));
    if (question.has(inputs.a_zero_point)) {
        question.require_same_type(inputs.a_zero_point, question.type(inputs.a));
        check_lines(question, inputs.a_zero_point, shapes->a, Lines::rows);
    }
    if (question.has(inputs.b_zero_point)) {
        question.require_same_type(inputs.b_zero_point, question.type(inputs.b));
        check_lines(question, inputs.b_zero_point, shapes->b, Lines::columns);
    }
    return *shapes;
}

void integer_mat_mul(const Work& work, const IntegerMatMulInputs& inputs, std::int32_t* out)
{
    const auto shapes = *mat_mul_shapes(work.inputs[inputs.a].shape(), work.inputs[inputs.b].shape());
    if (shapes.product.element_count() == 0)
        return;
    const auto a = centred(work, inputs.a, inputs.a_zero_point, shapes.a, Lines::rows);
    const auto b = centred(work, inputs.b, inputs.b_zero_point, shapes.b, Lines::columns);
    const auto rank = shapes.product.rank();
    const auto rows = shapes.product[rank - 2], columns = shapes.product[rank - 1];
    const auto depth = shapes.a[shapes.a.rank() - 1];
    const auto batch = without_last_two(shapes.product);
    const StridedSpace<2> products(batch.extents(), {broadcast_strides(without_last_two(shapes.a), batch),
                                                     broadcast_strides(without_last_two(shapes.b), batch)});
    products.for_each([&](const auto& offsets) {
        multiply(a.data() + offsets[0] * rows * depth, b.data() + offsets[1] * depth * columns, out, rows,
                 depth, columns);
        out += rows * columns;
    });
}

} // namespace furiosa::operators
