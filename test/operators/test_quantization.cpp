#include "operators/run_operator.hpp"

#include <cmath>
#include <limits>

using namespace furiosa;
using namespace furiosa::operators;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

using Bytes = std::vector<std::uint8_t>;
using SignedBytes = std::vector<std::int8_t>;
using Sums = std::vector<std::int32_t>;
using Integers = std::vector<std::int64_t>;

} // namespace

TEST_CASE("QuantizeLinear rounds halves to even and saturates")
{
    const auto x = tensor<float>({8}, {0, 1, 3, 5, -5, 1000, -1000, infinity});
    const auto y = Operator(OpKind::quantize_linear)(x, scalar<float>(2), scalar<std::uint8_t>(128));
    CHECK(elements<std::uint8_t>(y) == Bytes{128, 128, 130, 130, 126, 255, 0, 255});
    const auto z = Operator(OpKind::quantize_linear)(x, scalar<float>(2), scalar<std::int8_t>(1));
    CHECK(elements<std::int8_t>(z) == SignedBytes{1, 1, 3, 3, -1, 127, -128, 127});
}

TEST_CASE("QuantizeLinear gives uint8 if nobody says otherwise")
{
    const auto x = tensor<float>({1}, {-3});
    CHECK(Operator(OpKind::quantize_linear)(x, scalar<float>(1)).data_type() == DataType::uint8);
    const auto y = Operator(OpKind::quantize_linear).with("output_dtype", 3)(x, scalar<float>(1));
    CHECK(elements<std::int8_t>(y) == SignedBytes{-3});
    CHECK_THROWS_ERRC(Operator(OpKind::quantize_linear).with("output_dtype", 5)(x, scalar<float>(1)),
                      errc::unsupported_operator);
    CHECK_THROWS_ERRC(Operator(OpKind::quantize_linear)
                          .with("output_dtype", 3)(x, scalar<float>(1), scalar<std::uint8_t>(1)),
                      errc::malformed_model);
}

TEST_CASE("QuantizeLinear takes int32, and survives scales that are no scales")
{
    const auto x = tensor<std::int32_t>({3}, {2147483647, -7, 16});
    CHECK(elements<std::int8_t>(Operator(OpKind::quantize_linear)(
              x, scalar<float>(16777216), scalar<std::int8_t>(0))) == SignedBytes{127, 0, 0});
    const auto zero = Operator(OpKind::quantize_linear)(tensor<float>({2}, {0, 1}), scalar<float>(0));
    CHECK(elements<std::uint8_t>(zero) == Bytes{0, 255});
}

TEST_CASE("scales along an axis belong to its indices")
{
    const auto x = tensor<float>({2, 3}, {2, 4, 6, 8, 10, 12});
    const auto columns = Operator(OpKind::quantize_linear)(x, tensor<float>({3}, {1, 2, 3}),
                                                           tensor<std::uint8_t>({3}, {0, 1, 2}));
    CHECK(elements<std::uint8_t>(columns) == Bytes{2, 3, 4, 8, 6, 6});
    const auto rows = Operator(OpKind::quantize_linear).with("axis", 0)(x, tensor<float>({2}, {1, 2}));
    CHECK(elements<std::uint8_t>(rows) == Bytes{2, 4, 6, 4, 5, 6});
    const auto back = Operator(OpKind::dequantize_linear)(columns, tensor<float>({3}, {1, 2, 3}),
                                                          tensor<std::uint8_t>({3}, {0, 1, 2}));
    CHECK(elements<float>(back) == std::vector<float>{2, 4, 6, 8, 10, 12});
}

TEST_CASE("scales that do not fit are refused")
{
    const auto x = tensor<float>({2, 2}, {0, 1, 2, 3});
    const auto two = tensor<float>({2}, {1, 2});
    const Operator quantize(OpKind::quantize_linear);
    CHECK_THROWS_ERRC(quantize(x, tensor<float>({3}, {1, 2, 3})), errc::invalid_shape);
    CHECK_THROWS_ERRC(quantize(x, tensor<float>({1, 2}, {1, 2})), errc::invalid_shape);
    CHECK_THROWS_ERRC(quantize(x, two, scalar<std::uint8_t>(0)), errc::invalid_shape);
    CHECK_THROWS_ERRC(quantize(x, scalar<float>(1), tensor<std::uint8_t>({2}, {0, 0})), errc::invalid_shape);
    CHECK_THROWS_ERRC(quantize(x, scalar<std::int32_t>(1)), errc::unsupported_operator);
    CHECK_THROWS_ERRC(quantize(x, scalar<float>(1), scalar<std::int32_t>(1)), errc::unsupported_operator);
    CHECK_THROWS_ERRC(Operator(OpKind::quantize_linear).with("axis", 2)(x, two), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::quantize_linear).with("axis", -1)(x, two), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::quantize_linear).with("block_size", 2)(x, two),
                      errc::unsupported_operator);
    CHECK_THROWS_ERRC(Operator(OpKind::dequantize_linear)(scalar<std::int8_t>(1), scalar<float>(1),
                                                          scalar<std::uint8_t>(1)),
                      errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::dequantize_linear)(x, scalar<float>(1)), errc::unsupported_operator);
}

TEST_CASE("DequantizeLinear is exact where float is")
{
    const auto bytes = Operator(OpKind::dequantize_linear)(tensor<std::int8_t>({3}, {-128, 0, 127}),
                                                           scalar<float>(0.5f), scalar<std::int8_t>(-1));
    CHECK(elements<float>(bytes) == std::vector<float>{-63.5f, 0.5f, 64});
    const auto sums = Operator(OpKind::dequantize_linear)(
        tensor<std::int32_t>({1}, {std::numeric_limits<std::int32_t>::min()}), scalar<float>(1),
        scalar<std::int32_t>(1));
    CHECK(elements<float>(sums)[0] == -2147483648.f);
    CHECK(Operator(OpKind::dequantize_linear)(Tensor(DataType::uint8, {2, 0}), Tensor(DataType::float32, {0}))
              .shape() == Shape{2, 0});
}

TEST_CASE("DynamicQuantizeLinear finds the scale: the example of ONNX")
{
    const auto x = tensor<float>({6}, {0, 2, -3, -2.5f, 1.34f, 0.5f});
    const auto y = Operator(OpKind::dynamic_quantize_linear).run_all({&x}, 3);
    CHECK(elements<std::uint8_t>(y[0]) == Bytes{153, 255, 0, 26, 221, 179});
    CHECK(y[1].as<float>()[0] == Approx(0.0196078438f));
    CHECK(y[2].as<std::uint8_t>()[0] == 153);
    CHECK(y[1].shape() == Shape{});

    SECTION("also of nothing but zeros, and of nothing")
    {
        const auto zeros = tensor<float>({2}, {0, 0});
        CHECK(elements<std::uint8_t>(Operator(OpKind::dynamic_quantize_linear)(zeros)) == Bytes{0, 0});
        const Tensor nothing(DataType::float32, {0});
        CHECK(Operator(OpKind::dynamic_quantize_linear).run_all({&nothing}, 2)[1].as<float>()[0] == 1);
    }
    SECTION("positive numbers reach down to zero")
    {
        const auto positive = tensor<float>({2}, {1, 5.1f});
        CHECK(elements<std::uint8_t>(Operator(OpKind::dynamic_quantize_linear)(positive)) == Bytes{50, 255});
    }
}

TEST_CASE("ConvInteger sums differences from the zero points; padding is the zero point")
{
    // the example of ONNX
    const auto x = tensor<std::uint8_t>({1, 1, 3, 3}, {2, 3, 4, 5, 6, 7, 8, 9, 10});
    const auto w = tensor<std::uint8_t>({1, 1, 2, 2}, {1, 1, 1, 1});
    const auto y = Operator(OpKind::conv_integer)(x, w, scalar<std::uint8_t>(1));
    CHECK(y.shape() == Shape{1, 1, 2, 2});
    CHECK(elements<std::int32_t>(y) == Sums{12, 16, 24, 28});
    const auto padded =
        Operator(OpKind::conv_integer).with("pads", Integers{1, 1, 1, 1})(x, w, scalar<std::uint8_t>(1));
    CHECK(elements<std::int32_t>(padded) == Sums{1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9});
}

TEST_CASE("ConvInteger has strides, dilations, groups and zero points of channels")
{
    const auto x = tensor<std::int8_t>({1, 2, 5}, {1, 2, 3, 4, 5, -1, -2, -3, -4, -5});
    const auto w = tensor<std::uint8_t>({2, 1, 2}, {3, 1, 3, 1});
    auto conv = Operator(OpKind::conv_integer);
    conv.with("group", 2)
        .with("strides", Integers{2})
        .with("dilations", Integers{3})
        .with("pads", Integers{1, 1});
    const auto y = conv(x, w, nullptr, tensor<std::uint8_t>({2}, {1, 0}));
    CHECK(y.shape() == Shape{1, 2, 2});
    // taps at -1 and 2, at 1 and 4: weights 2 and 0, then 3 and 1
    CHECK(elements<std::int32_t>(y) == Sums{0, 4, -3, -11});
}

TEST_CASE("QLinearConv scales its sums, per channel, with a bias")
{
    const auto x = tensor<std::uint8_t>({1, 1, 2}, {130, 120});
    const auto w = tensor<std::int8_t>({2, 1, 1}, {10, -10});
    const auto scale = scalar<float>(0.5f);
    const auto zero = scalar<std::int8_t>(0);
    const auto y = Operator(OpKind::qlinear_conv)(
        x, scale, scalar<std::uint8_t>(128), w, tensor<float>({2}, {1, 0.1f}), zero, scalar<float>(0.25f),
        scalar<std::uint8_t>(100), tensor<std::int32_t>({2}, {1, 0}));
    // sums 21, -79 | -20, 80; times 0.5 · 1 / 0.25 = 2, and 0.2
    CHECK(elements<std::uint8_t>(y) == Bytes{142, 0, 96, 116});
    CHECK(Operator(OpKind::qlinear_conv)(x, scale, scalar<std::uint8_t>(128), w, scale, zero, scale, zero)
              .data_type() == DataType::int8);
}

TEST_CASE("convolutions that do not fit are refused")
{
    const Tensor x(DataType::uint8, {1, 4, 5}), w(DataType::int8, {6, 2, 3});
    const auto infer = [](Operator op, const Tensor& x, const Tensor& w, const Tensor* zero = nullptr) {
        return op.infer({&x, &w, nullptr, zero});
    };
    const auto grouped = Operator(OpKind::conv_integer).with("group", 2);
    CHECK(infer(grouped, x, w)[0] == TensorType{DataType::int32, {1, 6, 3}});
    CHECK_THROWS_ERRC(infer(Operator(OpKind::conv_integer), x, w), errc::invalid_shape);
    CHECK_THROWS_ERRC(infer(Operator(OpKind::conv_integer).with("group", 0), x, w), errc::invalid_shape);
    CHECK_THROWS_ERRC(infer(Operator(grouped).with("kernel_shape", Integers{2}), x, w), errc::invalid_shape);
    CHECK_THROWS_ERRC(infer(grouped, x, Tensor(DataType::int8, {5, 2, 3})), errc::invalid_shape);
    CHECK_THROWS_ERRC(infer(grouped, x, Tensor(DataType::int8, {6, 2, 3, 1})), errc::invalid_shape);
    CHECK_THROWS_ERRC(infer(grouped, x, Tensor(DataType::float32, {6, 2, 3})), errc::unsupported_operator);
    const Tensor five(DataType::int8, {5}), unsigned_zero(DataType::uint8, {});
    CHECK_THROWS_ERRC(infer(grouped, x, w, &five), errc::invalid_shape);
    CHECK_THROWS_ERRC(infer(grouped, x, w, &unsigned_zero), errc::malformed_model);
    const Tensor no_channels(DataType::uint8, {1, 0, 5}), no_weights(DataType::int8, {6, 0, 3});
    CHECK_THROWS_ERRC(infer(Operator(OpKind::conv_integer), no_channels, no_weights), errc::invalid_shape);
}

TEST_CASE("convolutions of nothing give nothing, or padding alone")
{
    const Operator conv(OpKind::conv_integer);
    CHECK(conv(Tensor(DataType::uint8, {0, 1, 3}), Tensor(DataType::uint8, {2, 1, 3})).shape() ==
          Shape{0, 2, 1});
    CHECK(conv(Tensor(DataType::uint8, {1, 1, 3}), Tensor(DataType::uint8, {0, 1, 3})).shape() ==
          Shape{1, 0, 1});
    const auto y = Operator(OpKind::conv_integer)
                       .with("pads", Integers{1, 1})(Tensor(DataType::uint8, {1, 1, 0}),
                                                     tensor<std::uint8_t>({1, 1, 1}, {7}));
    CHECK(elements<std::int32_t>(y) == Sums{0, 0});
}

TEST_CASE("a stride longer than the input meets its first element only")
{
    const auto y =
        Operator(OpKind::conv_integer)
            .with("strides", Integers{1 << 20, 1 << 20})(tensor<std::uint8_t>({1, 1, 1, 2}, {3, 4}),
                                                         tensor<std::uint8_t>({1, 1, 1, 1}, {2}));
    CHECK(elements<std::int32_t>(y) == Sums{6});
}

TEST_CASE("MatMulInteger multiplies differences from the zero points: the example of ONNX")
{
    const auto a = tensor<std::uint8_t>({4, 3}, {11, 7, 3, 10, 6, 2, 9, 5, 1, 8, 4, 0});
    const auto b = tensor<std::uint8_t>({3, 2}, {1, 4, 2, 5, 3, 6});
    const auto y =
        Operator(OpKind::mat_mul_integer)(a, b, scalar<std::uint8_t>(12), tensor<std::uint8_t>({1}, {0}));
    CHECK(y.shape() == Shape{4, 2});
    CHECK(elements<std::int32_t>(y) == Sums{-38, -83, -44, -98, -50, -113, -56, -128});
}

TEST_CASE("MatMulInteger has zero points of rows and columns, of each matrix if need be")
{
    const auto a = tensor<std::int8_t>({2, 2}, {1, 2, 3, 4});
    const auto b = tensor<std::uint8_t>({2, 2}, {5, 6, 7, 8});
    const Operator multiply(OpKind::mat_mul_integer);
    // [[0, 1], [1, 2]] · [[4, 0], [6, 2]]
    const auto rows = tensor<std::int8_t>({2}, {1, 2});
    const auto columns = tensor<std::uint8_t>({2}, {1, 6});
    CHECK(elements<std::int32_t>(multiply(a, b, rows, columns)) == Sums{6, 2, 16, 4});
    CHECK(elements<std::int32_t>(multiply(a, b, tensor<std::int8_t>({2, 1}, {1, 2}),
                                          tensor<std::uint8_t>({1, 2}, {1, 6}))) == Sums{6, 2, 16, 4});
    CHECK_THROWS_ERRC(multiply(a, b, tensor<std::int8_t>({1, 2}, {1, 2})), errc::invalid_shape);
    CHECK_THROWS_ERRC(multiply(a, b, tensor<std::int8_t>({3}, {1, 2, 3})), errc::invalid_shape);
    CHECK_THROWS_ERRC(multiply(a, b, scalar<std::uint8_t>(1)), errc::malformed_model);
}

TEST_CASE("products of vectors and stacks are those of numpy.matmul")
{
    const Operator multiply(OpKind::mat_mul_integer);
    const auto vector = tensor<std::uint8_t>({2}, {1, 2});
    CHECK(multiply(vector, vector).shape() == Shape{});
    CHECK(elements<std::int32_t>(multiply(vector, vector)) == Sums{5});
    const auto stack = tensor<std::uint8_t>({2, 1, 1, 2}, {1, 2, 3, 4});
    const auto pair = tensor<std::uint8_t>({2, 2, 1}, {1, 0, 0, 1});
    const auto y = multiply(stack, pair);
    CHECK(y.shape() == Shape{2, 2, 1, 1});
    CHECK(elements<std::int32_t>(y) == Sums{1, 2, 3, 4});
    CHECK(multiply(stack, vector).shape() == Shape{2, 1, 1});
    CHECK(elements<std::int32_t>(multiply(vector, pair)) == Sums{1, 2});
    CHECK(multiply(vector, pair).shape() == Shape{2, 1});
    CHECK_THROWS_ERRC(multiply(vector, tensor<std::uint8_t>({3}, {1, 2, 3})), errc::invalid_shape);
    CHECK_THROWS_ERRC(multiply(scalar<std::uint8_t>(1), vector), errc::invalid_shape);
    CHECK_THROWS_ERRC(multiply(pair, Tensor(DataType::uint8, {3, 1, 1})), errc::invalid_shape);
    CHECK_THROWS_ERRC(multiply(vector, tensor<std::int32_t>({2}, {1, 2})), errc::unsupported_operator);
}

TEST_CASE("products of no elements are zero or nothing, and long sums wrap")
{
    const Operator multiply(OpKind::mat_mul_integer);
    CHECK(elements<std::int32_t>(multiply(Tensor(DataType::int8, {2, 0}), Tensor(DataType::int8, {0, 1}))) ==
          Sums{0, 0});
    CHECK(multiply(Tensor(DataType::int8, {0, 3}), Tensor(DataType::int8, {3, 2})).shape() == Shape{0, 2});
    Tensor many(DataType::uint8, {40000});
    std::ranges::fill(many.as<std::uint8_t>(), std::uint8_t{255});
    CHECK(elements<std::int32_t>(multiply(many, many))[0] == static_cast<std::int32_t>(40000u * 255 * 255));
}

TEST_CASE("QLinearMatMul scales its sums: the example of ONNX")
{
    const auto a = tensor<std::uint8_t>({2, 4}, {208, 236, 0, 238, 3, 214, 255, 29});
    const auto b = tensor<std::uint8_t>({4, 3}, {152, 51, 244, 60, 26, 255, 0, 127, 246, 127, 254, 247});
    const auto y = Operator(OpKind::qlinear_mat_mul)(a, scalar<float>(0.0066f), scalar<std::uint8_t>(113), b,
                                                     scalar<float>(0.00705f), scalar<std::uint8_t>(114),
                                                     scalar<float>(0.0107f), scalar<std::uint8_t>(118));
    CHECK(elements<std::uint8_t>(y) == Bytes{168, 115, 255, 1, 66, 151});
}

TEST_CASE("QLinearMatMul has scales of rows and columns")
{
    const auto a = tensor<std::int8_t>({2, 1}, {2, 2});
    const auto b = tensor<std::uint8_t>({1, 2}, {10, 10});
    const auto zero = scalar<std::int8_t>(0);
    const auto one = scalar<float>(1);
    const Operator multiply(OpKind::qlinear_mat_mul);
    const auto y =
        multiply(a, tensor<float>({2}, {1, 2}), zero, b, tensor<float>({2}, {1, 0.5f}),
                 scalar<std::uint8_t>(0), tensor<float>({2}, {1, 4}), tensor<std::int8_t>({2}, {-1, 100}));
    CHECK(elements<std::int8_t>(y) == SignedBytes{19, 9, 110, 105});
    CHECK_THROWS_ERRC(
        multiply(a, tensor<float>({3}, {1, 2, 3}), zero, b, one, scalar<std::uint8_t>(0), one, zero),
        errc::invalid_shape);
    CHECK_THROWS_ERRC(multiply(a, one, zero, b, one, scalar<std::uint8_t>(0), one, scalar<std::int32_t>(0)),
                      errc::unsupported_operator);
    CHECK_THROWS_ERRC(multiply(a, one, zero, b, one, scalar<std::uint8_t>(0), one), errc::malformed_model);
}
