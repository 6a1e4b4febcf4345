#include "operators/checked_shape.hpp"
#include "operators/movement.hpp"
#include "operators/strided_copy.hpp"

namespace furiosa::operators {

namespace {

/// Are start, start + step, … `extent` times all in [0, length)?
bool inside(std::int64_t start, std::int64_t step, std::int64_t extent, std::int64_t length)
{
    if (extent == 0)
        return true;
    if (start < 0 || start >= length)
        return false;
    const auto room = step > 0 ? length - 1 - start : start;
    return extent - 1 <= room / (step > 0 ? step : -step);
}

std::vector<TensorType> output_types(const Question& question)
{
    const auto& x = question.input(0);
    const auto rank = x.shape.rank();
    const auto starts = question.integers("starts", rank, INT64_MIN, INT64_MAX);
    const auto steps = question.integers("steps", rank, -INT64_MAX, INT64_MAX);
    const auto extents = question.integers("extents", rank, 0, INT64_MAX);
    for (std::size_t i = 0; i != rank; ++i)
        if (steps[i] == 0 || !inside(starts[i], steps[i], extents[i], x.shape[i]))
            question.fail("{} elements from {} in steps of {} reach out of axis {} of {}", extents[i],
                          starts[i], steps[i], i, to_string(x.shape));
    return {{x.data_type, checked_shape(question, extents)}};
}

void compute(const Work& work)
{
    const auto& x = work.inputs[0];
    const auto& y = work.outputs[0];
    if (y.size_in_bytes() == 0)
        return; // starts may be anywhere
    const auto starts = work.integers("starts");
    const auto steps = work.integers("steps");
    const auto from = row_major_strides(x.shape());
    const auto to = row_major_strides(y.shape());
    std::array<CopyAxis, Shape::max_rank> axes;
    std::int64_t begin = 0;
    for (std::size_t i = 0; i != starts.size(); ++i) {
        begin += starts[i] * from[i];
        // The step of a single element may be anything.
        axes[i] = {y.shape()[i], y.shape()[i] == 1 ? 0 : steps[i] * from[i], to[i]};
    }
    const auto* first = x.data() + begin * static_cast<std::int64_t>(size_of(x.data_type()));
    copy_strided(y.data_type(), first, y.data(), std::span(axes).first(starts.size()));
}

} // namespace

const Definition slice{1, 1, 1, output_types, compute};

} // namespace furiosa::operators
