#include "device/cpu/pointwise/pointwise.hpp"
#include "device/reference_convolution.hpp"

#include <furiosa/core/tensor.hpp>

#include <catch2/catch.hpp>

using namespace furiosa;
using namespace furiosa::device::cpu;

namespace {

double error_of(const test::ReferenceConvolution& conv, int threads, bool bias, bool residual)
{
    PointwiseShape shape;
    shape.images = conv.images;
    shape.in_channels = conv.in;
    shape.out_channels = conv.out;
    shape.height = conv.out_height;
    shape.width = conv.out_width;
    shape.source = conv.source();
    shape.source.row *= conv.stride;
    shape.source.pixel *= conv.stride;
    shape.destination = shape.residual = conv.output();
    shape.activation = conv.activation;
    test::RandomConvolution random(conv, bias, residual);
    const auto packed = pack_pointwise_weights(conv.in, conv.out, random.weights);
    REQUIRE(packed.size() == pointwise_weights_size(conv.in, conv.out));
    Tensor scratch(DataType::float32, {static_cast<std::int64_t>(pointwise_scratch_size(shape, threads))});
    Team team(threads);
    run_pointwise(shape, {random.source.data(), packed.data(), random.bias(), random.residual(), random.output.data()},
                 scratch.as<float>().data(), team);
    return random.error();
}

} // namespace

TEST_CASE("a convolution of 1 x 1 is computed whatever the extents and the stride")
{
    if (!has_pointwise())
        return;
    const int threads = GENERATE(1, 2, 3);
    CAPTURE(threads);
    // images, channels in and out, input, 1 x 1, stride, padding, output
    CHECK(error_of({1, 16, 16, 8, 8, 1, 1, 0, 0, 8, 8}, threads, false, false) < 1e-6);
    CHECK(error_of({2, 3, 7, 5, 13, 1, 1, 0, 0, 5, 13}, threads, true, true) < 1e-6);
    CHECK(error_of({1, 100, 1, 1, 1, 1, 1, 0, 0, 1, 1}, threads, true, false) < 1e-6);
    CHECK(error_of({2, 256, 70, 9, 12, 1, 2, 0, 0, 5, 6}, threads, true, true) < 1e-6);
    CHECK(error_of({1, 512, 33, 30, 30, 1, 1, 0, 0, 30, 30}, threads, true, false) < 1e-6);
    CHECK(error_of({1, 20, 48, 31, 17, 1, 3, 0, 0, 11, 6}, threads, false, true) < 1e-6);
}

TEST_CASE("a convolution of 1 x 1 applies the activation last")
{
    if (!has_pointwise())
        return;
    for (const auto activation :
         {FusedActivation{Activation::relu, 0, 0}, FusedActivation{Activation::leaky_relu, 0.1f, 0},
          FusedActivation{Activation::clip, -0.5f, 0.75f}, FusedActivation{Activation::sigmoid, 0, 0},
          FusedActivation{Activation::silu, 0, 0}, FusedActivation{Activation::hard_swish, 0, 0}})
        CHECK(error_of({1, 16, 40, 9, 9, 1, 1, 0, 0, 9, 9, activation}, 1, true, true) < 1e-6);
}

TEST_CASE("activations are right far out, and pass on what is no number")
{
    if (!has_pointwise())
        return;
    PointwiseShape shape;
    shape.height = shape.width = shape.in_channels = 1;
    shape.out_channels = 1;
    Team alone(1);
    shape.source = shape.destination = {1, 1, 1};
    const auto packed = pack_pointwise_weights(1, 1, std::vector<float>{1});
    for (const auto kind : {Activation::sigmoid, Activation::silu})
        for (const float x : {-1e30f, -200.f, -100.f, -88.f, -87.f, -20.f, -1e-6f, 0.f, 1e-6f, 20.f, 88.f, 200.f, 1e30f, NAN}) {
            shape.activation.kind = kind;
            float y = -1;
            run_pointwise(shape, {&x, packed.data(), nullptr, nullptr, &y}, nullptr, alone);
            const double sigmoid = 1 / (1 + std::exp(-double(x)));
            const double expected = kind == Activation::silu ? x * sigmoid : sigmoid;
            CAPTURE(x, y);
            if (std::isnan(x))
                CHECK(std::isnan(y));
            else if (x <= -87)
                CHECK(std::abs(y) <= std::abs(x) * 2e-38f);
            else
                CHECK(y == Approx(expected).epsilon(1e-6).margin(1e-30));
        }
}
