#include "operators/run_operator.hpp"

#include <cmath>
#include <limits>

using namespace furiosa;
using namespace furiosa::operators;

namespace {

using Integers = std::vector<std::int64_t>;
using Floats = std::vector<float>;

/// A Resize of one axis.
Operator resize(const char* mode, const char* coordinates, std::int64_t size, float scale)
{
    return Operator(OpKind::resize)
        .with("mode", std::string(mode))
        .with("coordinate_transformation_mode", std::string(coordinates))
        .with("sizes", Integers{size})
        .with("scales", Floats{scale});
}

void check_near(const Tensor& got, const std::vector<double>& expected)
{
    const auto values = got.as<float>();
    REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i != values.size(); ++i)
        CHECK(values[i] == Approx(expected[i]).margin(1e-6));
}

const auto line = [] { return tensor<float>({4}, {1, 2, 3, 4}); };

} // namespace

TEST_CASE("Resize places coordinates as each mode says")
{
    check_near(resize("linear", "half_pixel", 8, 2)(line()), {1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4});
    check_near(resize("linear", "asymmetric", 8, 2)(line()), {1, 1.5, 2, 2.5, 3, 3.5, 4, 4});
    check_near(resize("linear", "align_corners", 7, 1.75f)(line()), {1, 1.5, 2, 2.5, 3, 3.5, 4});
    check_near(resize("linear", "align_corners", 1, 0.25f)(line()), {1});
    check_near(resize("linear", "half_pixel", 1, 0.25f)(line()), {2.5});
    check_near(resize("linear", "pytorch_half_pixel", 1, 0.25f)(line()), {1});
    check_near(resize("linear", "pytorch_half_pixel", 2, 0.5f)(line()), {1.5, 3.5});
    // Two of the 2.4 pixels that the scale makes: symmetric modes put them in the middle.
    check_near(resize("linear", "half_pixel", 2, 0.6f)(line()), {1 + 1 / 3., 3});
    check_near(resize("linear", "half_pixel_symmetric", 2, 0.6f)(line()), {1.6666667, 3.3333333});
    check_near(resize("linear", "align_corners", 2, 0.6f)(line()), {1, 1 + 3 / 1.4});
    check_near(
        resize("nearest", "tf_half_pixel_for_nn", 2, 0.5f).with("nearest_mode", std::string("floor"))(line()),
        {2, 4});
}

TEST_CASE("Resize rounds to the nearest as it is told")
{
    const auto nearest = [](const char* mode) {
        return resize("nearest", "asymmetric", 8, 2).with("nearest_mode", std::string(mode));
    };
    check_near(nearest("floor")(line()), {1, 1, 2, 2, 3, 3, 4, 4});
    check_near(nearest("ceil")(line()), {1, 2, 2, 3, 3, 4, 4, 4});
    check_near(nearest("round_prefer_floor")(line()), {1, 1, 2, 2, 3, 3, 4, 4});
    check_near(nearest("round_prefer_ceil")(line()), {1, 2, 2, 3, 3, 4, 4, 4});
}

TEST_CASE("Resize reads a scale that stands for a size as exactly as that")
{
    // 2 / (2 / 3) is 3; in float32 the scale is a little more than two thirds.
    const auto x = tensor<float>({9}, {0, 1, 2, 3, 4, 5, 6, 7, 8});
    const auto op = resize("nearest", "asymmetric", 6, 2.f / 3).with("nearest_mode", std::string("floor"));
    check_near(op(x), {0, 1, 3, 4, 6, 7});
}

TEST_CASE("Resize interpolates by cubic polynomials")
{
    // At a quarter the weights for a = -3/4 are -0.10546875, 0.87890625, 0.26171875, -0.03515625.
    const auto x = tensor<float>({4}, {0, 0, 64, 0});
    const auto y = resize("cubic", "asymmetric", 16, 4)(x);
    CHECK(y.as<float>()[5] == Approx(64 * 0.26171875));
    CHECK(y.as<float>()[8] == 64);
    CHECK(y.as<float>()[9] == Approx(64 * 0.87890625));
    const auto other = resize("cubic", "asymmetric", 16, 4).with("cubic_coeff_a", -0.5f)(x);
    CHECK(other.as<float>()[9] == Approx(64 * 0.8671875));
}

TEST_CASE("Resize leaves out what is outside, if it is told to")
{
    const auto x = tensor<float>({2}, {1, 3});
    const auto y = resize("cubic", "half_pixel", 4, 2).with("exclude_outside", std::int64_t{1})(x);
    // At -0.25 the elements 0 and 1 have weights 0.87890625 and -0.10546875 … of those that are there.
    const double w0 = 0.87890625, w1 = -0.10546875;
    CHECK(y.as<float>()[0] == Approx((w0 + 3 * w1) / (w0 + w1)));
}

TEST_CASE("Resize widens its filter against aliasing")
{
    const auto x = tensor<float>({4}, {1, 2, 3, 4});
    const auto op = resize("linear", "half_pixel", 2, 0.5f).with("antialias", std::int64_t{1});
    // At 0.5: weights 1/4, 3/4, 3/4, 1/4 of -1, 0, 1, 2, halved; the border repeats.
    check_near(op(x), {(1 * 1 + 3 * 1 + 3 * 2 + 1 * 3) / 8., (2 + 3 * 3 + 3 * 4 + 4) / 8.});
    const auto larger = resize("linear", "half_pixel", 8, 2).with("antialias", std::int64_t{1});
    check_near(larger(x), {1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4});
}

TEST_CASE("Resize crops as TensorFlow does, and extrapolates")
{
    auto op = resize("linear", "tf_crop_and_resize", 3, 0.75f).with("extrapolation_value", 9.f);
    op.with("roi", Floats{0, 1});
    check_near(op(line()), {1, 2.5, 4});
    op.with("roi", Floats{0.5f, 1.5f});
    check_near(op(line()), {2.5, 4, 9});
    check_near(op.with("mode", std::string("nearest"))(line()), {2, 4, 9});
    const auto x = tensor<std::uint8_t>({4}, {1, 2, 3, 4});
    CHECK_THROWS_ERRC(op(x), errc::unsupported_operator);
    CHECK(elements<std::uint8_t>(op.with("extrapolation_value", 0.f)(x)) ==
          std::vector<std::uint8_t>{2, 4, 0});
}

TEST_CASE("Resize of several axes at once, some of them as they were")
{
    const auto x = tensor<float>({1, 2, 1, 2}, {0, 4, 8, 12});
    auto op = resize("linear", "asymmetric", 0, 1);
    op.with("sizes", Integers{1, 2, 2, 4}).with("scales", Floats{1, 1, 2, 2});
    check_near(op(x), {0, 2, 4, 4, 0, 2, 4, 4, 8, 10, 12, 12, 8, 10, 12, 12});
    op.with("sizes", Integers{1, 1, 1, 4}).with("scales", Floats{1, 0.5f, 1, 2}); // shrinks and grows
    check_near(op(x), {0, 2, 4, 4});
    op.with("sizes", Integers{1, 2, 1, 2}).with("scales", Floats{1, 1, 1, 1});
    check_near(op(x), {0, 4, 8, 12});
    op.with("sizes", Integers{1, 0, 1, 4});
    CHECK(op(x).shape() == Shape{1, 0, 1, 4});
}

TEST_CASE("Resize to the nearest moves elements of any type and rank")
{
    Tensor x(DataType::float16, {1, 1, 1, 1, 1, 1, 1, 2});
    auto* bits = reinterpret_cast<std::uint16_t*>(x.data());
    bits[0] = 11, bits[1] = 22;
    auto op = resize("nearest", "half_pixel", 0, 1);
    op.with("sizes", Integers{1, 1, 1, 1, 1, 1, 2, 4}).with("scales", Floats{1, 1, 1, 1, 1, 1, 2, 2});
    const auto y = op(x);
    const auto* got = reinterpret_cast<const std::uint16_t*>(y.data());
    CHECK(std::vector<int>(got, got + 8) == std::vector<int>{11, 11, 22, 22, 11, 11, 22, 22});
}

TEST_CASE("Resize refuses what it cannot compute safely")
{
    const auto x = line();
    const Tensor bytes(DataType::uint8, {4}), none(DataType::float32, {0});
    const auto infer = [&](const char* mode, std::int64_t size, float scale) {
        return resize(mode, "half_pixel", size, scale).infer({&x});
    };
    for (const float scale : {0.f, -1.f, std::numeric_limits<float>::infinity(), std::nanf("")})
        CHECK_THROWS_ERRC(infer("linear", 8, scale), errc::malformed_model);
    CHECK_THROWS_ERRC(infer("linear", -1, 1), errc::malformed_model);
    CHECK_THROWS_ERRC(infer("linear", INT64_MAX, 1), errc::invalid_shape);
    CHECK_THROWS_ERRC(infer("quadratic", 8, 2), errc::malformed_model);
    CHECK_THROWS_ERRC(resize("linear", "somehow", 8, 2).infer({&x}), errc::malformed_model);
    CHECK_THROWS_ERRC(
        resize("nearest", "asymmetric", 8, 2).with("nearest_mode", std::string("far")).infer({&x}),
        errc::malformed_model);
    CHECK_THROWS_ERRC(resize("linear", "half_pixel", 8, 2).with("sizes", Integers{8, 8}).infer({&x}),
                      errc::malformed_model);
    CHECK_THROWS_ERRC(resize("linear", "half_pixel", 8, 2).with("scales", Integers{2}).infer({&x}),
                      errc::malformed_model);
    CHECK_THROWS_ERRC(resize("linear", "tf_crop_and_resize", 8, 2).infer({&x}), errc::malformed_model);
    CHECK_THROWS_ERRC(resize("linear", "half_pixel", 8, 2).infer({&bytes}), errc::unsupported_operator);
    CHECK_THROWS_ERRC(resize("nearest", "half_pixel", 8, 2).infer({&none}), errc::invalid_shape);
    CHECK_THROWS_ERRC(resize("cubic", "half_pixel", 1, 1e-9f).with("antialias", std::int64_t{1}).infer({&x}),
                      errc::invalid_shape);
}

TEST_CASE("Resize stays inside with absurd scales")
{
    for (const char* coordinates : {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
                                    "align_corners", "asymmetric", "tf_half_pixel_for_nn"})
        for (const char* mode : {"nearest", "linear", "cubic"})
            for (const float scale : {1e-38f, 1e-45f, 0.25f, 3e38f}) {
                const auto y = resize(mode, coordinates, 5, scale)(line());
                for (const float value : y.as<float>())
                    CHECK((value >= 0 && value <= 5));
            }
}
