#include "operators/activation.hpp"
#include "operators/broadcast.hpp"
#include "operators/checked_shape.hpp"
#include "operators/matrix_product.hpp"
#include "operators/neural.hpp"

#include <array>

namespace furiosa::operators {

namespace {

/// Both factors as stacks of matrices: one of one axis is a row on the left and a column on the right, as in
/// NumPy.
struct Factors
{
    Shape batch_of_a, batch_of_b;
    std::int64_t rows, depth_of_a, depth_of_b, columns;

    Factors(const Shape& a, const Shape& b)
        : batch_of_a(batch(a)),
          batch_of_b(batch(b)),
          rows(a.rank() > 1 ? a[a.rank() - 2] : 1),
          depth_of_a(a[a.rank() - 1]),
          depth_of_b(b.rank() > 1 ? b[b.rank() - 2] : b[0]),
          columns(b.rank() > 1 ? b[b.rank() - 1] : 1)
    {
    }

    static Shape batch(const Shape& shape)
    {
        return Shape(shape.extents().first(shape.rank() > 2 ? shape.rank() - 2 : 0));
    }
};

std::vector<TensorType> output_types(const Question& question)
{
    const auto type = question.type(0);
    question.require_type(0, {DataType::float32, DataType::int32, DataType::int64});
    question.require_same_type(1, type);
    require_known_activation(question, type);
    const auto& a = question.shape(0);
    const auto& b = question.shape(1);
    if (a.rank() == 0 || b.rank() == 0)
        question.fail("a factor is a scalar");
    const Factors factors(a, b);
    const auto batch = broadcast(factors.batch_of_a, factors.batch_of_b);
    if (factors.depth_of_a != factors.depth_of_b || !batch)
        question.fail("the factors {} and {} do not fit together", to_string(a), to_string(b));
    std::vector<std::int64_t> extents(batch->begin(), batch->end());
    if (a.rank() > 1)
        extents.push_back(factors.rows);
    if (b.rank() > 1)
        extents.push_back(factors.columns);
    const auto y = checked_shape(question, extents);
    if (question.has(2)) {
        question.require_same_type(2, type);
        if (y.rank() == 0 || question.shape(2) != Shape{y[y.rank() - 1]})
            question.fail("the bias {} does not fit the product {}", to_string(question.shape(2)),
                          to_string(y));
    }
    return {{type, y}};
}

/// Which matrix of a stack stands for the one at `index` in the stack that it is broadcast to.
std::int64_t broadcast_index(std::int64_t index, const Shape& stack, const Shape& whole)
{
    std::int64_t result = 0, stride = 1;
    for (std::size_t i = 0; i != stack.rank(); ++i) {
        const auto extent = stack[stack.rank() - 1 - i];
        const auto full = whole[whole.rank() - 1 - i];
        if (extent != 1)
            result += index % full * stride;
        index /= full;
        stride *= extent;
    }
    return result;
}

/// T is the unsigned type for integers, so that sums wrap around as they do elsewhere.
template <class T>
void multiply_stacks(const Work& work)
{
    Factors factors(work.inputs[0].shape(), work.inputs[1].shape());
    auto whole = *broadcast(factors.batch_of_a, factors.batch_of_b);
    if (factors.batch_of_b.element_count() == 1) { // one matrix on the right: what is on the left is one too
        factors.rows *= factors.batch_of_a.element_count();
        factors.batch_of_a = factors.batch_of_b = whole = Shape();
    }
    const auto& [batch_of_a, batch_of_b, rows, depth, same_depth, columns] = factors;
    const auto* a = reinterpret_cast<const T*>(work.inputs[0].data());
    const auto* b = reinterpret_cast<const T*>(work.inputs[1].data());
    const auto* bias = work.has(2) ? reinterpret_cast<const T*>(work.inputs[2].data()) : nullptr;
    const bool bias_of_column = work.inputs[1].shape().rank() > 1; // else the last axis is that of the rows
    auto* y = reinterpret_cast<T*>(work.outputs[0].data());
    const auto bias_extent = bias ? work.inputs[2].shape()[0] : 0;
    for (std::int64_t i = 0; i != whole.element_count(); ++i) {
        const Matrix<T> left{a + broadcast_index(i, batch_of_a, whole) * rows * depth, depth, 1};
        const Matrix<T> right{b + broadcast_index(i, batch_of_b, whole) * depth * columns, columns, 1};
        multiply(left, right, rows, columns, depth,
                 [&, width = columns](std::int64_t row, std::int64_t column, auto sum) {
                     if (bias)
                         sum += bias[bias_of_column ? column : row % bias_extent];
                     y[row * width + column] = static_cast<T>(sum);
                 });
        y += rows * columns;
    }
}

void compute(const Work& work)
{
    const auto& y = work.outputs[0];
    if (y.size_in_bytes() == 0)
        return;
    switch (y.data_type()) {
    case DataType::int32:
        return multiply_stacks<std::uint32_t>(work);
    case DataType::int64:
        return multiply_stacks<std::uint64_t>(work);
    default:
        multiply_stacks<float>(work);
        activate(work.attributes(), y.as<float>());
    }
}

} // namespace

const Definition mat_mul{2, 3, 1, output_types, compute};

} // namespace furiosa::operators
