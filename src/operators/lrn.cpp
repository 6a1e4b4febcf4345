#include "operators/checked_shape.hpp"
#include "operators/neural.hpp"

#include <algorithm>
#include <cmath>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    question.require_type(0, {DataType::float32});
    const auto& x = question.shape(0);
    if (x.rank() < 2)
        question.fail("the input {} has no channels", to_string(x));
    if (const auto size = question.attributes().integer("size"); size < 1)
        question.fail_with(errc::malformed_model, fmt::format("size is {}", size));
    return {{DataType::float32, x}};
}

/// y = x / (bias + alpha / size · Σ x²) ^ beta, summed over neighbouring channels; ONNX, LRN.
void compute(const Work& work)
{
    const auto& shape = work.inputs[0].shape();
    if (shape.element_count() == 0)
        return;
    const auto channels = shape[1];
    const auto plane = count_of(shape, 2, shape.rank());
    const auto size = work.attributes().integer("size");
    const auto before = std::min((size - 1) / 2, channels);
    const auto after = std::min(size - 1 - (size - 1) / 2, channels);
    const double alpha = work.attributes().real("alpha", 1e-4f) / static_cast<double>(size);
    const double beta = work.attributes().real("beta", 0.75f);
    const double bias = work.attributes().real("bias", 1);
    std::vector<double> squares(static_cast<std::size_t>(plane));
    for (std::int64_t i = 0; i != shape[0] * channels; ++i) {
        const auto channel = i % channels;
        const auto* image = work.inputs[0].as<float>().data() + (i - channel) * plane;
        auto* y = work.outputs[0].as<float>().data() + i * plane;
        std::ranges::fill(squares, 0.);
        for (auto c = std::max<std::int64_t>(channel - before, 0);
             c != std::min(channel + after + 1, channels); ++c)
            for (std::int64_t k = 0; k != plane; ++k)
                squares[static_cast<std::size_t>(k)] += double(image[c * plane + k]) * image[c * plane + k];
        for (std::int64_t k = 0; k != plane; ++k)
            y[k] = static_cast<float>(image[channel * plane + k] /
                                      std::pow(bias + alpha * squares[static_cast<std::size_t>(k)], beta));
    }
}

} // namespace

const Definition lrn{1, 1, 1, output_types, compute};

} // namespace furiosa::operators
