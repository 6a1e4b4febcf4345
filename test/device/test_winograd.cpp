#include "device/cpu/winograd/winograd.hpp"
#include "device/reference_convolution.hpp"

#include <furiosa/core/tensor.hpp>

#include <catch2/catch.hpp>

using namespace furiosa;
using namespace furiosa::device::cpu;

namespace {

double error_of(const test::ReferenceConvolution& conv, int tile, int threads, bool bias, bool residual)
{
    WinogradShape shape;
    shape.tile = tile;
    shape.stride = static_cast<int>(conv.stride);
    shape.images = conv.images;
    shape.in_channels = conv.in;
    shape.out_channels = conv.out;
    shape.in_height = conv.height;
    shape.in_width = conv.width;
    shape.out_height = conv.out_height;
    shape.out_width = conv.out_width;
    shape.pad_top = conv.pad_top;
    shape.pad_left = conv.pad_left;
    shape.source = conv.source();
    shape.destination = shape.residual = conv.output();
    shape.activation = conv.activation;
    test::RandomConvolution random(conv, bias, residual);
    const auto packed = pack_winograd_weights(tile, shape.stride, conv.in, conv.out, random.weights);
    REQUIRE(packed.size() == winograd_weights_size(tile, conv.in, conv.out));
    Tensor scratch(DataType::float32, {static_cast<std::int64_t>(winograd_scratch_size(shape, threads))});
    Team team(threads);
    run_winograd(shape, {random.source.data(), packed.data(), random.bias(), random.residual(), random.output.data()},
                scratch.as<float>().data(), team);
    return random.error();
}

} // namespace

TEST_CASE("Winograd's algorithm computes the convolution, whatever the extents")
{
    if (!has_winograd())
        return;
    const int tile = GENERATE(2, 4);
    const int threads = GENERATE(1, 2, 3);
    CAPTURE(tile, threads);
    // images, channels in and out, input, 3 x 3, stride, padding above and left, output
    CHECK(error_of({1, 16, 16, 8, 8, 3, 1, 1, 1, 8, 8}, tile, threads, false, false) < 5e-6);
    CHECK(error_of({2, 17, 40, 7, 13, 3, 1, 1, 1, 7, 13}, tile, threads, true, false) < 5e-6);
    CHECK(error_of({1, 32, 100, 5, 4, 3, 1, 0, 0, 3, 2}, tile, threads, true, true) < 5e-6);
    CHECK(error_of({1, 48, 16, 1, 1, 3, 1, 1, 1, 1, 1}, tile, threads, true, true) < 5e-6);
    CHECK(error_of({1, 24, 24, 30, 50, 3, 1, 2, 0, 31, 49}, tile, threads, true, true) < 5e-6);
    CHECK(error_of({1, 16, 16, 66, 65, 3, 1, 1, 1, 66, 65}, tile, threads, true, false) < 5e-6);
}

TEST_CASE("Winograd's algorithm computes convolutions of stride 2")
{
    if (!has_winograd())
        return;
    const int threads = GENERATE(1, 2, 3);
    CAPTURE(threads);
    CHECK(error_of({1, 16, 16, 16, 16, 3, 2, 1, 1, 8, 8}, 4, threads, false, false) < 5e-6);
    CHECK(error_of({2, 17, 40, 7, 13, 3, 2, 1, 1, 4, 7}, 4, threads, true, true) < 5e-6);
    CHECK(error_of({1, 32, 100, 9, 10, 3, 2, 0, 0, 4, 4}, 4, threads, true, false) < 5e-6);
    CHECK(error_of({1, 48, 16, 1, 1, 3, 2, 1, 1, 1, 1}, 4, threads, true, false) < 5e-6);
    CHECK(error_of({1, 24, 24, 66, 90, 3, 2, 0, 1, 33, 45}, 4, threads, true, true) < 5e-6);
}

TEST_CASE("Winograd's algorithm applies the activation last")
{
    if (!has_winograd())
        return;
    for (const auto activation :
         {FusedActivation{Activation::relu, 0, 0}, FusedActivation{Activation::leaky_relu, 0.1f, 0},
          FusedActivation{Activation::clip, -0.5f, 0.75f}, FusedActivation{Activation::sigmoid, 0, 0},
          FusedActivation{Activation::silu, 0, 0}, FusedActivation{Activation::hard_swish, 0, 0}})
        CHECK(error_of({1, 16, 32, 9, 9, 3, 1, 1, 1, 9, 9, activation}, 4, 1, true, true) < 5e-6);
}
