#include "operators/checked_shape.hpp"
#include "operators/movement.hpp"
#include "operators/strided_copy.hpp"

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    const auto& x = question.input(0);
    const auto repeats = question.integers("repeats", x.shape.rank(), 0, INT64_MAX);
    std::vector<std::int64_t> extents;
    for (std::size_t i = 0; i != repeats.size(); ++i)
        extents.push_back(checked_product(question, x.shape[i], repeats[i]));
    return {{x.data_type, checked_shape(question, extents)}};
}

void compute(const Work& work)
{
    const auto& x = work.inputs[0];
    const auto& y = work.outputs[0];
    if (y.size_in_bytes() == 0)
        return;
    const auto repeats = work.integers("repeats");
    const auto from = row_major_strides(x.shape());
    const auto to = row_major_strides(y.shape());
    std::array<CopyAxis, max_copy_axes> axes;
    for (std::size_t i = 0; i != repeats.size(); ++i) {
        axes[2 * i] = {repeats[i], 0, x.shape()[i] * to[i]};
        axes[2 * i + 1] = {x.shape()[i], from[i], to[i]};
    }
    copy_strided(y.data_type(), x.data(), y.data(), std::span(axes).first(2 * repeats.size()));
}

} // namespace

const Definition tile{1, 1, 1, output_types, compute};

} // namespace furiosa::operators
