#include "operators/activation.hpp"
#include "operators/broadcast.hpp"
#include "operators/checked_shape.hpp"
#include "operators/matrix_product.hpp"
#include "operators/neural.hpp"

#include <limits>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    question.require_type(0, {DataType::float32, DataType::int32});
    question.require_same_type(1, question.type(0));
    require_known_activation(question, question.type(0));
    const auto& a = question.shape(0);
    const auto& b = question.shape(1);
    if (a.rank() != 2 || b.rank() != 2)
        question.fail("the factors {} and {} are not matrices", to_string(a), to_string(b));
    const bool ta = question.attributes().integer("transA") != 0;
    const bool tb = question.attributes().integer("transB") != 0;
    if (a[ta ? 0 : 1] != b[tb ? 1 : 0])
        question.fail("the factors {} and {} do not fit together", to_string(a), to_string(b));
    const auto y = checked_shape(question, std::array{a[ta ? 1 : 0], b[tb ? 0 : 1]});
    if (question.has(2)) {
        question.require_same_type(2, question.type(0));
        if (broadcast(question.shape(2), y) != y)
            question.fail("the addend {} does not fit the product {}", to_string(question.shape(2)),
                          to_string(y));
    }
    return {{question.type(0), y}};
}

/// The addend as a matrix of the product's shape.
template <class T>
Matrix<T> addend_of(const Work& work)
{
    if (!work.has(2))
        return {nullptr, 0, 0};
    const auto& shape = work.inputs[2].shape();
    const auto columns = shape.rank() == 0 ? 1 : shape[shape.rank() - 1];
    const bool one_row = shape.rank() < 2 || shape[0] == 1;
    return {reinterpret_cast<const T*>(work.inputs[2].data()), one_row ? 0 : columns, columns == 1 ? 0 : 1};
}

template <class T, class Store>
void multiply_factors(const Work& work, Store store)
{
    const auto& a = work.inputs[0];
    const auto& b = work.inputs[1];
    const auto& y = work.outputs[0].shape();
    const bool ta = work.attributes().integer("transA") != 0;
    const bool tb = work.attributes().integer("transB") != 0;
    const auto matrix = [](const ConstTensorView& view, bool transposed) {
        const auto* data = reinterpret_cast<const T*>(view.data());
        const auto columns = view.shape()[1];
        return transposed ? Matrix<T>{data, 1, columns} : Matrix<T>{data, columns, 1};
    };
    multiply(matrix(a, ta), matrix(b, tb), y[0], y[1], a.shape()[ta ? 0 : 1], store);
}

void compute_real(const Work& work)
{
    const auto y = work.outputs[0].as<float>();
    const auto columns = work.outputs[0].shape()[1];
    const double alpha = work.attributes().real("alpha", 1);
    const double beta = work.attributes().real("beta", 1);
    const auto addend = addend_of<float>(work);
    multiply_factors<float>(work, [&](std::int64_t i, std::int64_t j, double sum) {
        y[static_cast<std::size_t>(i * columns + j)] =
            static_cast<float>(alpha * sum + (addend.data ? beta * addend.at(i, j) : 0));
    });
    activate(work.attributes(), y);
}

/// Factors of ones are exact; others round toward zero, and what does not fit in int32 is its limit.
std::uint32_t scaled(std::uint32_t value, float factor)
{
    if (factor == 1)
        return value;
    using Limits = std::numeric_limits<std::int32_t>;
    const auto product = static_cast<double>(static_cast<std::int32_t>(value)) * factor;
    if (!(product > Limits::min()))
        return static_cast<std::uint32_t>(product < 0 ? Limits::min() : 0);
    return static_cast<std::uint32_t>(product < Limits::max() ? static_cast<std::int32_t>(product)
                                                              : Limits::max());
}

void compute_integers(const Work& work)
{
    const auto y = work.outputs[0].as<std::int32_t>();
    const auto columns = work.outputs[0].shape()[1];
    const auto alpha = work.attributes().real("alpha", 1);
    const auto beta = work.attributes().real("beta", 1);
    const auto addend = addend_of<std::uint32_t>(work);
    multiply_factors<std::uint32_t>(work, [&](std::int64_t i, std::int64_t j, std::uint32_t sum) {
        const auto added = addend.data ? scaled(addend.at(i, j), beta) : 0;
        y[static_cast<std::size_t>(i * columns + j)] = static_cast<std::int32_t>(scaled(sum, alpha) + added);
    });
}

void compute(const Work& work)
{
    if (work.outputs[0].size_in_bytes() == 0)
        return;
    if (work.inputs[0].data_type() == DataType::float32)
        compute_real(work);
    else
        compute_integers(work);
}

} // namespace

const Definition gemm{2, 3, 1, output_types, compute};

} // namespace furiosa::operators
