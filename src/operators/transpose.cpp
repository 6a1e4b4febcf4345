#include "operators/checked_shape.hpp"
#include "operators/movement.hpp"
#include "operators/strided_copy.hpp"

#include <utility>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    const auto& x = question.input(0);
    const auto rank = x.shape.rank();
    const auto perm = question.integers("perm", rank, 0, static_cast<std::int64_t>(rank) - 1);
    std::array<bool, Shape::max_rank> seen{};
    std::vector<std::int64_t> extents;
    for (const auto axis : perm) {
        if (std::exchange(seen[static_cast<std::size_t>(axis)], true))
            question.fail_with(errc::malformed_model, fmt::format("perm holds {} twice", axis));
        extents.push_back(x.shape[static_cast<std::size_t>(axis)]);
    }
    return {{x.data_type, checked_shape(question, extents)}};
}

void compute(const Work& work)
{
    const auto& y = work.outputs[0];
    const auto perm = work.integers("perm");
    const auto from = row_major_strides(work.inputs[0].shape());
    const auto to = row_major_strides(y.shape());
    std::array<CopyAxis, Shape::max_rank> axes;
    for (std::size_t i = 0; i != perm.size(); ++i)
        axes[i] = {y.shape()[i], from[static_cast<std::size_t>(perm[i])], to[i]};
    copy_strided(y.data_type(), work.inputs[0].data(), y.data(), std::span(axes).first(perm.size()));
}

} // namespace

const Definition transpose{1, 1, 1, output_types, compute};

} // namespace furiosa::operators
