#include "device/cpu/depthwise/depthwise.hpp"
#include "device/reference_convolution.hpp"

#include <catch2/catch.hpp>

using namespace furiosa;
using namespace furiosa::device::cpu;
using test::random_floats;

namespace {

/// Channel for channel, with the reference of one channel.
double error_of(const test::ReferenceConvolution& each, std::int64_t channels, int threads, bool residual)
{
    DepthwiseShape shape;
    shape.images = each.images;
    shape.channels = channels;
    shape.in_height = each.height;
    shape.in_width = each.width;
    shape.out_height = each.out_height;
    shape.out_width = each.out_width;
    shape.kernel_height = shape.kernel_width = each.kernel;
    shape.stride_y = shape.stride_x = each.stride;
    shape.pad_top = each.pad_top;
    shape.pad_left = each.pad_left;
    shape.source = {each.height * each.width * channels, each.width * channels, channels};
    shape.destination =
        shape.residual = {each.out_height * each.out_width * channels, each.out_width * channels, channels};
    shape.activation = each.activation;
    const auto count = static_cast<std::size_t>(channels);
    const auto source = random_floats(each.source_size() * count, 1);
    const auto weights = random_floats(each.weights_size() * count, 2);
    const auto bias = random_floats(count, 3);
    const auto residuals = random_floats(each.output_size() * count, 4);
    const auto packed = pack_depthwise_weights(channels, each.kernel * each.kernel, weights);
    std::vector<float> output(each.output_size() * count, NAN);
    run_depthwise(
        shape,
        {source.data(), packed.data(), bias.data(), residual ? residuals.data() : nullptr, output.data()},
        threads);
    std::vector<double> expected(output.size());
    const auto channel_of = [&](const std::vector<float>& image, std::size_t channel) {
        std::vector<float> values;
        for (auto i = channel; i < image.size(); i += count)
            values.push_back(image[i]);
        return values;
    };
    for (std::size_t c = 0; c != count; ++c) {
        const auto alone = each.run(channel_of(source, c).data(), weights.data() + c * each.weights_size(),
                                    &bias[c], residual ? channel_of(residuals, c).data() : nullptr);
        for (std::size_t i = 0; i != alone.size(); ++i)
            expected[i * count + c] = alone[i];
    }
    return test::relative_error(output, expected);
}

} // namespace

TEST_CASE("a depthwise convolution is computed whatever the extents")
{
    if (!has_depthwise())
        return;
    const int threads = GENERATE(1, 2, 3);
    CAPTURE(threads);
    // of one channel: images, channels, input, kernel, stride, padding, output
    CHECK(error_of({1, 1, 1, 12, 12, 3, 1, 1, 1, 12, 12}, 16, threads, false) < 1e-6);
    CHECK(error_of({2, 1, 1, 7, 13, 5, 2, 2, 2, 4, 7}, 40, threads, true) < 1e-6);
    CHECK(error_of({1, 1, 1, 30, 50, 3, 2, 0, 1, 15, 25}, 7, threads, true) < 1e-6);
    CHECK(error_of({1, 1, 1, 1, 1, 7, 1, 3, 3, 1, 1}, 33, threads, false) < 1e-6);
    CHECK(error_of({1, 1, 1, 9, 40, 3, 1, 1, 1, 9, 40, {Activation::silu, 0, 0}}, 48, threads, true) < 1e-6);
    CHECK(error_of({1, 1, 1, 9, 40, 3, 1, 1, 1, 9, 40, {Activation::clip, 0, 6}}, 24, threads, false) < 1e-6);
}
