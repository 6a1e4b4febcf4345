#include "operators/checked_shape.hpp"
#include "operators/neural.hpp"

#include <algorithm>
#include <limits>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    question.require_type(0, {DataType::float32});
    const auto& x = question.shape(0);
    if (x.rank() < 3)
        question.fail("the input {} has no spatial axes", to_string(x));
    std::vector<std::int64_t> extents(x.rank(), 1);
    extents[0] = x[0];
    extents[1] = x[1];
    return {{DataType::float32, checked_shape(question, extents)}};
}

/// One number for each plane.
template <class Summary>
void summarize(const Work& work, Summary summary)
{
    const auto x = work.inputs[0].as<float>();
    const auto y = work.outputs[0].as<float>();
    const auto size = y.empty() ? 0 : x.size() / y.size();
    for (std::size_t i = 0; i != y.size(); ++i)
        y[i] = summary(x.subspan(i * size, size));
}

void average(const Work& work)
{
    summarize(work, [](std::span<const float> plane) {
        double sum = 0;
        for (const float value : plane)
            sum += value;
        return static_cast<float>(sum / static_cast<double>(plane.size()));
    });
}

void maximum(const Work& work)
{
    summarize(work, [](std::span<const float> plane) {
        float largest = -std::numeric_limits<float>::infinity();
        for (const float value : plane)
            largest = std::max(largest, value);
        return largest;
    });
}

} // namespace

const Definition global_average_pool{1, 1, 1, output_types, average};
const Definition global_max_pool{1, 1, 1, output_types, maximum};

} // namespace furiosa::operators
