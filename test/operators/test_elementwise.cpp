#include "operators/run_operator.hpp"

#include <cmath>
#include <cstring>
#include <limits>

using namespace furiosa;
using namespace furiosa::operators;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr auto int32_min = std::numeric_limits<std::int32_t>::min();
constexpr auto int64_min = std::numeric_limits<std::int64_t>::min();

float one(const Operator& op, float x)
{
    return op(scalar<float>(x)).as<float>()[0];
}

float one(OpKind kind, float x)
{
    return one(Operator(kind), x);
}

std::vector<bool> truths(const Tensor& tensor)
{
    return {tensor.as<bool>().begin(), tensor.as<bool>().end()};
}

} // namespace

TEST_CASE("functions of one operand have the values of their definitions")
{
    const auto [kind, x, y] = GENERATE(table<OpKind, float, float>({
        {OpKind::abs, -2.5f, 2.5f},
        {OpKind::ceil, -1.5f, -1},
        {OpKind::floor, -1.5f, -2},
        {OpKind::elu, -1, -0.632120559f},
        {OpKind::elu, 3, 3},
        {OpKind::erf, 0.5f, 0.520499878f},
        {OpKind::exp, 1, 2.71828183f},
        {OpKind::gelu, 1, 0.841344746f},
        {OpKind::gelu, -5, -1.43325786e-6f}, // 1 + erf would leave nothing of it
        {OpKind::hard_sigmoid, 1, 0.7f},
        {OpKind::hard_sigmoid, -9, 0},
        {OpKind::hard_swish, 1, 0.666666667f},
        {OpKind::hard_swish, 4, 4},
        {OpKind::leaky_relu, -2, -0.02f},
        {OpKind::log, 2, 0.693147181f},
        {OpKind::mish, 1, 0.865098388f},
        {OpKind::mish, 200, 200},
        {OpKind::neg, 2, -2},
        {OpKind::reciprocal, 4, 0.25f},
        {OpKind::relu, -1, 0},
        {OpKind::selu, 1, 1.05070098f},
        {OpKind::selu, -1, -1.11133074f},
        {OpKind::sigmoid, 1, 0.731058579f},
        {OpKind::sigmoid, -1000, 0},
        {OpKind::sigmoid, 1000, 1},
        {OpKind::sign, -3, -1},
        {OpKind::silu, 1, 0.731058579f},
        {OpKind::softplus, 1, 1.31326169f},
        {OpKind::softplus, 1000, 1000},
        {OpKind::softplus, -20, 2.06115362e-9f},
        {OpKind::softsign, -3, -0.75f},
        {OpKind::sqrt, 9, 3},
        {OpKind::tanh, 0.5f, 0.462117157f},
    }));
    CAPTURE(to_string(kind), x);
    CHECK(one(kind, x) == Approx(y).epsilon(1e-6));
}

TEST_CASE("parameters of functions are honoured")
{
    CHECK(one(Operator(OpKind::elu).with("alpha", 2.f), -1) == Approx(-1.264241118f));
    CHECK(one(Operator(OpKind::gelu).with("approximate", "tanh"), 1) == Approx(0.841191991f));
    CHECK(one(Operator(OpKind::gelu).with("approximate", "tanh"), -50) == 0);
    CHECK(one(Operator(OpKind::hard_sigmoid).with("alpha", 0.5f).with("beta", 0.f), 1) == 0.5f);
    CHECK(one(Operator(OpKind::leaky_relu).with("alpha", 0.5f), -2) == -1);
    CHECK(one(Operator(OpKind::selu).with("alpha", 1.f).with("gamma", 2.f), 3) == 6);
    CHECK_THROWS_ERRC(one(Operator(OpKind::gelu).with("approximate", "erf"), 1), errc::malformed_model);
}

TEST_CASE("halves are rounded to even")
{
    const auto y = Operator(OpKind::round)(tensor<float>({5}, {0.5f, 1.5f, -2.5f, 2.6f, -0.4f}));
    CHECK(elements<float>(y) == std::vector<float>{0, 2, -2, 3, 0});
}

TEST_CASE("NaN passes through functions of one operand")
{
    for (const auto kind :
         {OpKind::abs, OpKind::hard_sigmoid, OpKind::hard_swish, OpKind::leaky_relu, OpKind::mish,
          OpKind::relu, OpKind::sigmoid, OpKind::sign, OpKind::softplus, OpKind::gelu}) {
        CAPTURE(to_string(kind));
        CHECK(std::isnan(one(kind, not_a_number)));
    }
}

TEST_CASE("integers have absolute values, signs and opposites, the smallest one is its own")
{
    const auto x = tensor<std::int32_t>({3}, {int32_min, -7, 7});
    CHECK(elements<std::int32_t>(Operator(OpKind::abs)(x)) == std::vector<std::int32_t>{int32_min, 7, 7});
    CHECK(elements<std::int32_t>(Operator(OpKind::neg)(x)) == std::vector<std::int32_t>{int32_min, 7, -7});
    CHECK(elements<std::int32_t>(Operator(OpKind::relu)(x)) == std::vector<std::int32_t>{0, 0, 7});
    CHECK(elements<std::int32_t>(Operator(OpKind::sign)(x)) == std::vector<std::int32_t>{-1, -1, 1});
    CHECK(elements<std::int8_t>(Operator(OpKind::abs)(tensor<std::int8_t>({1}, {-128}))) ==
          std::vector<std::int8_t>{-128});
    CHECK(elements<std::uint8_t>(Operator(OpKind::sign)(tensor<std::uint8_t>({2}, {0, 200}))) ==
          std::vector<std::uint8_t>{0, 1});
}

TEST_CASE("booleans that are neither 0 nor 1 are true")
{
    auto x = tensor<std::uint8_t>({3}, {0, 1, 254});
    Tensor flags(DataType::boolean, {3});
    std::memcpy(flags.data(), x.data(), 3);
    CHECK(truths(Operator(OpKind::logical_not)(flags)) == std::vector<bool>{true, false, false});
    const auto yes = tensor<bool>({1}, {true});
    CHECK(truths(Operator(OpKind::equal)(flags, yes)) == std::vector<bool>{false, true, true});
    CHECK(truths(Operator(OpKind::logical_xor)(flags, yes)) == std::vector<bool>{true, false, false});
    CHECK(elements<float>(Operator(OpKind::cast).with("to", 0)(flags)) == std::vector<float>{0, 1, 1});
    CHECK(elements<float>(Operator(OpKind::where)(flags, scalar<float>(1), scalar<float>(2))) ==
          std::vector<float>{2, 1, 1});
}

TEST_CASE("functions refuse types that ONNX does not give them")
{
    CHECK_THROWS_ERRC(Operator(OpKind::exp)(scalar<std::int32_t>(1)), errc::unsupported_operator);
    CHECK_THROWS_ERRC(Operator(OpKind::neg)(scalar<std::uint8_t>(1)), errc::unsupported_operator);
    CHECK_THROWS_ERRC(Operator(OpKind::logical_not)(scalar<float>(1)), errc::unsupported_operator);
    CHECK_THROWS_ERRC(Operator(OpKind::abs)(Tensor(DataType::float16, {1})), errc::unsupported_operator);
    CHECK_THROWS_ERRC(Operator(OpKind::abs)(scalar<float>(1), scalar<float>(1)), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::abs)(nullptr), errc::malformed_model);
}

TEST_CASE("operands broadcast to one another")
{
    const auto column = tensor<float>({2, 1}, {10, 20});
    const auto row = tensor<float>({3}, {1, 2, 3});
    const auto y = Operator(OpKind::add)(column, row);
    CHECK(y.shape() == Shape{2, 3});
    CHECK(elements<float>(y) == std::vector<float>{11, 12, 13, 21, 22, 23});
    CHECK(elements<float>(Operator(OpKind::sub)(row, column)) ==
          std::vector<float>{-9, -8, -7, -19, -18, -17});
    CHECK(Operator(OpKind::mul)(scalar<float>(2), scalar<float>(3)).shape() == Shape{});
    CHECK_THROWS_ERRC(Operator(OpKind::add)(row, tensor<float>({2}, {1, 2})), errc::invalid_shape);
    CHECK_THROWS_ERRC(Operator(OpKind::add)(row, scalar<std::int32_t>(1)), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::add)(row), errc::malformed_model);
}

TEST_CASE("operands broadcast in eight dimensions as the formula says")
{
    Tensor a(DataType::int32, {2, 1, 3, 1, 2, 1, 2, 2});
    Tensor b(DataType::int32, {2, 3, 2, 1, 2, 1, 2});
    for (std::size_t i = 0; i != a.as<std::int32_t>().size(); ++i)
        a.as<std::int32_t>()[i] = static_cast<std::int32_t>(1000 * i);
    for (std::size_t i = 0; i != b.as<std::int32_t>().size(); ++i)
        b.as<std::int32_t>()[i] = static_cast<std::int32_t>(i);
    const auto y = Operator(OpKind::add)(a, b);
    REQUIRE(y.shape() == Shape{2, 2, 3, 2, 2, 2, 2, 2});
    const std::int32_t* out = y.as<std::int32_t>().data();
    for (int i = 0; i != 2 * 2 * 3 * 2 * 2 * 2 * 2 * 2; ++i) {
        const int h = i % 2, g = i / 2 % 2, f = i / 4 % 2, e = i / 8 % 2, d = i / 16 % 2, c = i / 32 % 3,
                  k = i / 96 % 2, n = i / 192;
        const int from_a = ((((n * 3 + c) * 2 + e) * 2 + g) * 2) + h;
        const int from_b = (((k * 3 + c) * 2 + d) * 2 + f) * 2 + h;
        REQUIRE(out[i] == 1000 * from_a + from_b);
    }
}

TEST_CASE("tensors without elements give tensors without elements")
{
    const Tensor empty(DataType::float32, {0, 3});
    CHECK(Operator(OpKind::exp)(empty).shape() == Shape{0, 3});
    CHECK(Operator(OpKind::add)(empty, scalar<float>(1)).shape() == Shape{0, 3});
    CHECK(Operator(OpKind::max)(empty, tensor<float>({1, 1}, {1})).shape() == Shape{0, 3});
    CHECK(Operator(OpKind::clip)(empty).shape() == Shape{0, 3});
    CHECK(Operator(OpKind::cast).with("to", 6)(empty).shape() == Shape{0, 3});
    CHECK(Operator(OpKind::where)(tensor<bool>({1}, {true}), empty, empty).shape() == Shape{0, 3});
}

TEST_CASE("integer arithmetic wraps and never traps")
{
    const auto a = tensor<std::int32_t>({4}, {int32_min, 7, -7, 5});
    const auto b = tensor<std::int32_t>({4}, {-1, 2, 2, 0});
    CHECK(elements<std::int32_t>(Operator(OpKind::div)(a, b)) ==
          std::vector<std::int32_t>{int32_min, 3, -3, 0});
    CHECK(elements<std::int32_t>(Operator(OpKind::add)(a, b))[0] == std::numeric_limits<std::int32_t>::max());
    CHECK(elements<std::int32_t>(Operator(OpKind::mul)(a, b))[0] == int32_min);
    const auto big = scalar<std::int64_t>(int64_min);
    CHECK(elements<std::int64_t>(Operator(OpKind::sub)(big, scalar<std::int64_t>(1)))[0] ==
          std::numeric_limits<std::int64_t>::max());
    CHECK(elements<std::int64_t>(Operator(OpKind::div)(big, scalar<std::int64_t>(-1)))[0] == int64_min);
    CHECK(elements<std::uint8_t>(
              Operator(OpKind::add)(scalar<std::uint8_t>(250), scalar<std::uint8_t>(10)))[0] == 4);
    CHECK(elements<std::int8_t>(
              Operator(OpKind::div)(scalar<std::int8_t>(-128), scalar<std::int8_t>(-1)))[0] == -128);
    CHECK(elements<std::uint8_t>(
              Operator(OpKind::div)(scalar<std::uint8_t>(200), scalar<std::uint8_t>(255)))[0] == 0);
    CHECK(elements<float>(Operator(OpKind::div)(scalar<float>(1), scalar<float>(0)))[0] == infinity);
}

TEST_CASE("powers have the type of their base")
{
    const auto y = Operator(OpKind::pow)(tensor<float>({3}, {2, 9, -2}), tensor<float>({3}, {10, 0.5f, 3}));
    CHECK(elements<float>(y) == std::vector<float>{1024, 3, -8});
    const auto ints = Operator(OpKind::pow)(tensor<std::int32_t>({6}, {3, 2, -1, 0, 2, 5}),
                                            tensor<std::int64_t>({6}, {4, 40, -3, -1, -1, 0}));
    CHECK(ints.data_type() == DataType::int32);
    CHECK(elements<std::int32_t>(ints) == std::vector<std::int32_t>{81, 0, -1, 0, 0, 1});
    CHECK(elements<float>(Operator(OpKind::pow)(scalar<float>(1.5f), scalar<std::int64_t>(2)))[0] == 2.25f);
    const auto roots =
        Operator(OpKind::pow)(tensor<std::int64_t>({3}, {9, -4, 10}), tensor<float>({3}, {0.5f, 0.5f, 30}));
    CHECK(elements<std::int64_t>(roots) ==
          std::vector<std::int64_t>{3, 0, std::numeric_limits<std::int64_t>::max()});
    CHECK_THROWS_ERRC(Operator(OpKind::pow)(scalar<float>(1), scalar<bool>(true)),
                      errc::unsupported_operator);
}

TEST_CASE("comparisons give booleans, and NaN is neither equal nor less")
{
    const auto a = tensor<float>({4}, {1, 2, 3, not_a_number});
    const auto b = tensor<float>({4}, {2, 2, 2, not_a_number});
    CHECK(truths(Operator(OpKind::equal)(a, b)) == std::vector<bool>{false, true, false, false});
    CHECK(truths(Operator(OpKind::greater)(a, b)) == std::vector<bool>{false, false, true, false});
    CHECK(truths(Operator(OpKind::greater_or_equal)(a, b)) == std::vector<bool>{false, true, true, false});
    CHECK(truths(Operator(OpKind::less)(a, b)) == std::vector<bool>{true, false, false, false});
    CHECK(truths(Operator(OpKind::less_or_equal)(a, b)) == std::vector<bool>{true, true, false, false});
    CHECK_THROWS_ERRC(Operator(OpKind::less)(scalar<bool>(true), scalar<bool>(true)),
                      errc::unsupported_operator);
    CHECK_THROWS_ERRC(Operator(OpKind::logical_and)(a, b), errc::unsupported_operator);
}

TEST_CASE("PRelu broadcasts its slope to its input, never the other way")
{
    const auto x = tensor<float>({2, 2}, {-1, 2, -3, 4});
    CHECK(elements<float>(Operator(OpKind::p_relu)(x, tensor<float>({2, 1}, {0.5f, 2}))) ==
          std::vector<float>{-0.5f, 2, -6, 4});
    CHECK_THROWS_ERRC(Operator(OpKind::p_relu)(tensor<float>({1}, {1}), x), errc::invalid_shape);
}

TEST_CASE("Max, Min, Sum and Mean fold any number of operands")
{
    const auto a = tensor<float>({2, 1}, {1, not_a_number});
    const auto b = tensor<float>({3}, {0, 1, 5});
    const auto c = scalar<float>(2);
    const auto largest = Operator(OpKind::max)(a, b, c);
    CHECK(largest.shape() == Shape{2, 3});
    CHECK(elements<float>(largest)[0] == 2);
    CHECK(elements<float>(largest)[2] == 5);
    CHECK(std::isnan(elements<float>(largest)[3]));
    CHECK(elements<float>(Operator(OpKind::min)(b, c)) == std::vector<float>{0, 1, 2});
    CHECK(std::isnan(elements<float>(Operator(OpKind::min)(c, a))[1]));
    CHECK(elements<float>(Operator(OpKind::sum)(b, c, b)) == std::vector<float>{2, 4, 12});
    CHECK(elements<float>(Operator(OpKind::mean)(b, c)) == std::vector<float>{1, 1.5f, 3.5f});
    CHECK(elements<float>(Operator(OpKind::mean)(b)) == elements<float>(b));
    CHECK(elements<std::int64_t>(
              Operator(OpKind::max)(scalar<std::int64_t>(int64_min), scalar<std::int64_t>(3)))[0] == 3);
    CHECK_THROWS_ERRC(Operator(OpKind::sum)(scalar<std::int64_t>(1)), errc::unsupported_operator);
    CHECK_THROWS_ERRC(Operator(OpKind::max)(b, nullptr), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::max)(), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::max)(b, scalar<std::int64_t>(1)), errc::malformed_model);
}

TEST_CASE("Where chooses among elements of any type")
{
    const auto condition = tensor<bool>({2, 1}, {true, false});
    const auto y =
        Operator(OpKind::where)(condition, tensor<std::int64_t>({2}, {1, 2}), scalar<std::int64_t>(9));
    CHECK(y.shape() == Shape{2, 2});
    CHECK(elements<std::int64_t>(y) == std::vector<std::int64_t>{1, 2, 9, 9});
    CHECK(Operator(OpKind::where)(condition, Tensor(DataType::bfloat16, {2, 2}),
                                  Tensor(DataType::bfloat16, {1}))
              .data_type() == DataType::bfloat16);
    CHECK_THROWS_ERRC(Operator(OpKind::where)(scalar<float>(1), scalar<float>(1), scalar<float>(1)),
                      errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::where)(condition, scalar<float>(1), scalar<std::int8_t>(1)),
                      errc::malformed_model);
    CHECK_THROWS_ERRC(
        Operator(OpKind::where)(condition, Tensor(DataType::int8, {3, 1}), scalar<std::int8_t>(1)),
        errc::invalid_shape);
}

TEST_CASE("Clip takes its bounds from attributes or inputs, and the upper one wins")
{
    const auto x = tensor<float>({4}, {-5, 0.5f, 5, not_a_number});
    const auto relu6 = Operator(OpKind::clip).with("min", 0.f).with("max", 3.f)(x);
    CHECK(elements<float>(relu6)[0] == 0);
    CHECK(elements<float>(relu6)[1] == 0.5f);
    CHECK(elements<float>(relu6)[2] == 3);
    CHECK(std::isnan(elements<float>(relu6)[3]));
    const auto y = Operator(OpKind::clip)(x, nullptr, scalar<float>(1));
    CHECK(elements<float>(y)[0] == -5);
    CHECK(elements<float>(y)[2] == 1);
    CHECK(elements<float>(Operator(OpKind::clip)(x, scalar<float>(2), scalar<float>(1)))[0] == 1);
    CHECK(elements<float>(Operator(OpKind::clip)(scalar<float>(-infinity)))[0] == -infinity);
    CHECK(elements<std::uint8_t>(
              Operator(OpKind::clip)(tensor<std::uint8_t>({2}, {1, 200}), scalar<std::uint8_t>(9))) ==
          std::vector<std::uint8_t>{9, 200});
    CHECK_THROWS_ERRC(Operator(OpKind::clip)(x, scalar<std::int32_t>(0)), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::clip)(x, tensor<float>({2}, {0, 1})), errc::invalid_shape);
    CHECK_THROWS_ERRC(Operator(OpKind::clip).with("min", 0.f)(scalar<std::int32_t>(1)),
                      errc::unsupported_operator);
}

namespace {

template <class To, class From>
std::vector<To> cast_to(const Shape& shape, std::initializer_list<From> values)
{
    const auto to = static_cast<std::int64_t>(data_type_of<To>);
    return elements<To>(Operator(OpKind::cast).with("to", to)(tensor<From>(shape, values)));
}

} // namespace

TEST_CASE("Cast truncates and saturates floats, wraps integers")
{
    CHECK(cast_to<std::int8_t, float>({6}, {1.9f, -1.9f, 300, -300, not_a_number, -128.9f}) ==
          std::vector<std::int8_t>{1, -1, 127, -128, 0, -128});
    CHECK(cast_to<std::uint8_t, float>({4}, {255.9f, -0.9f, -7, infinity}) ==
          std::vector<std::uint8_t>{255, 0, 0, 255});
    CHECK(cast_to<std::int32_t, float>({3}, {2147483648.f, -2147483648.f, 16777216}) ==
          std::vector<std::int32_t>{2147483647, int32_min, 16777216});
    CHECK(cast_to<std::int64_t, float>({3}, {-infinity, 1e30f, not_a_number}) ==
          std::vector<std::int64_t>{int64_min, std::numeric_limits<std::int64_t>::max(), 0});
    CHECK(cast_to<std::int8_t, std::int64_t>({2}, {257, -1}) == std::vector<std::int8_t>{1, -1});
    CHECK(cast_to<float, std::int64_t>({1}, {-3}) == std::vector<float>{-3});
    CHECK(truths(Operator(OpKind::cast).with("to", 7)(tensor<float>({4}, {0, -0.f, 0.1f, not_a_number}))) ==
          std::vector<bool>{false, false, true, true});
}

TEST_CASE("Cast knows the floats of sixteen bits on both sides")
{
    const auto x = tensor<float>({4}, {1, 65520, 0.1f, -infinity});
    for (const auto type : {DataType::float16, DataType::bfloat16}) {
        const auto half = Operator(OpKind::cast).with("to", static_cast<std::int64_t>(type))(x);
        CHECK(half.data_type() == type);
        const auto back = elements<float>(Operator(OpKind::cast).with("to", 0)(half));
        CHECK(back[0] == 1);
        CHECK((type == DataType::float16) == (back[1] == infinity));
        CHECK(back[2] == Approx(0.1f).epsilon(0.005));
        CHECK(back[3] == -infinity);
        CHECK(elements<std::int32_t>(Operator(OpKind::cast).with("to", 5)(half))[3] == int32_min);
    }
    CHECK_THROWS_ERRC(Operator(OpKind::cast)(x), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::cast).with("to", 8)(x), errc::malformed_model);
}

TEST_CASE("Cast goes from every type to every type")
{
    for (std::int64_t from = 0; from != 8; ++from)
        for (std::int64_t to = 0; to != 8; ++to) {
            const auto x = Operator(OpKind::cast).with("to", from)(tensor<std::uint8_t>({3}, {0, 1, 1}));
            const auto y = Operator(OpKind::cast).with("to", to)(x);
            CHECK(y.data_type() == static_cast<DataType>(to));
            CHECK(elements<std::uint8_t>(Operator(OpKind::cast).with("to", 3)(y)) ==
                  std::vector<std::uint8_t>{0, 1, 1});
        }
}
