#include "operators/quantization.hpp"
#include "operators/quantize.hpp"

#include <algorithm>

namespace furiosa::operators {

namespace {

std::vector<TensorType> infer_dynamic_quantize_linear(const Question& question)
{
    question.require_type(0, {DataType::float32});
    return {{DataType::uint8, question.shape(0)}, {DataType::float32, {}}, {DataType::uint8, {}}};
}

/// y_scale = (max(0, max(x)) - min(0, min(x))) / 255, y_zero_point = saturate(round(-min(0, min(x)) /
/// y_scale)).
void evaluate_dynamic_quantize_linear(const Work& work)
{
    const auto x = work.inputs[0].as<float>();
    float least = 0, most = 0;
    for (const float value : x) {
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    float scale = (most - least) / 255;
    if (scale == 0) // nothing but zeros: any scale will do
        scale = 1;
    const auto zero_point = quantize<std::uint8_t>(-least / scale, 0);
    if (work.wants(0))
        std::ranges::transform(x, work.outputs[0].as<std::uint8_t>().begin(), [=](float value) {
            return quantize<std::uint8_t>(value / scale, zero_point);
        });
    if (work.wants(1))
        work.outputs[1].as<float>()[0] = scale;
    if (work.wants(2))
        work.outputs[2].as<std::uint8_t>()[0] = zero_point;
}

} // namespace

const Definition dynamic_quantize_linear{1, 1, 3, infer_dynamic_quantize_linear,
                                         evaluate_dynamic_quantize_linear};

} // namespace furiosa::operators
