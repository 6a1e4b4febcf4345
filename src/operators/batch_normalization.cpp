#include "operators/checked_shape.hpp"
#include "operators/moments.hpp"
#include "operators/neural.hpp"

#include <cmath>

namespace furiosa::operators {

namespace {

std::vector<TensorType> output_types(const Question& question)
{
    const auto& x = question.shape(0);
    if (x.rank() < 2)
        question.fail("the input {} has no channels", to_string(x));
    const Shape channels{x[1]};
    for (std::size_t i = 0; i != 5; ++i) {
        question.require_type(i, {DataType::float32});
        if (i != 0 && question.shape(i) != channels)
            question.fail("parameter {} does not have one number for each channel of {}", i, to_string(x));
    }
    const TensorType y{DataType::float32, x}, parameter{DataType::float32, channels};
    if (question.attributes().integer("training_mode") == 0)
        return {y};
    return {y, parameter, parameter};
}

/// The moments of one channel in all images.
Moments moments_of_channel(const ConstTensorView& x, std::int64_t channel)
{
    const auto& shape = x.shape();
    const auto size = count_of(shape, 2, shape.rank());
    const auto* first = x.as<float>().data() + channel * size;
    return moments_of(shape[0] * size, [=, step = shape[1] * size](std::int64_t i) {
        return double{first[i / size * step + i % size]};
    });
}

void normalize_channel(const Work& work, std::int64_t channel, const Moments& moments)
{
    const auto& shape = work.inputs[0].shape();
    const auto c = static_cast<std::size_t>(channel);
    const auto size = count_of(shape, 2, shape.rank());
    const double epsilon = work.attributes().real("epsilon", 1e-5f);
    const double scale = work.inputs[1].as<float>()[c] / std::sqrt(moments.variance + epsilon);
    const double bias = work.inputs[2].as<float>()[c];
    for (std::int64_t image = 0; image != shape[0]; ++image) {
        const auto begin = (image * shape[1] + channel) * size;
        const auto* x = work.inputs[0].as<float>().data() + begin;
        auto* y = work.outputs[0].as<float>().data() + begin;
        for (std::int64_t i = 0; i != size; ++i)
            y[i] = static_cast<float>((x[i] - moments.mean) * scale + bias);
    }
}

void compute(const Work& work)
{
    const auto& x = work.inputs[0];
    const bool training = work.attributes().integer("training_mode") != 0;
    const double momentum = work.attributes().real("momentum", 0.9f);
    const auto old_mean = work.inputs[3].as<float>();
    const auto old_variance = work.inputs[4].as<float>();
    const auto running = [=](double old, double current) {
        return static_cast<float>(old * momentum + current * (1 - momentum));
    };
    if (!training && x.size_in_bytes() == 0)
        return;
    for (std::size_t c = 0; c != old_mean.size(); ++c) {
        const auto channel = static_cast<std::int64_t>(c);
        const auto moments =
            training ? moments_of_channel(x, channel) : Moments{old_mean[c], old_variance[c]};
        if (work.wants(0) && x.size_in_bytes() != 0)
            normalize_channel(work, channel, moments);
        if (training && work.wants(1))
            work.outputs[1].as<float>()[c] = running(old_mean[c], moments.mean);
        if (training && work.wants(2))
            work.outputs[2].as<float>()[c] = running(old_variance[c], moments.variance);
    }
}

} // namespace

const Definition batch_normalization{5, 5, 3, output_types, compute};

} // namespace furiosa::operators
