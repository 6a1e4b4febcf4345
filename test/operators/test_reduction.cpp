#include "operators/run_operator.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

using namespace furiosa;
using namespace furiosa::operators;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

using Integers = std::vector<std::int64_t>;

Operator over(OpKind kind, Integers axes)
{
    return Operator(kind).with("axes", std::move(axes));
}

float all(OpKind kind, const Tensor& x)
{
    Integers axes(x.shape().rank());
    std::iota(axes.begin(), axes.end(), 0);
    const auto y = over(kind, axes).with("keepdims", 0)(x);
    REQUIRE(y.shape() == Shape{});
    return y.as<float>()[0];
}

} // namespace

TEST_CASE("reductions have the values of their definitions")
{
    const auto [kind, y] = GENERATE(table<OpKind, float>({
        {OpKind::reduce_l1, 6},
        {OpKind::reduce_l2, 3.74165739f},
        {OpKind::reduce_log_sum_exp, 3.13284523f}, // log(e + e^-2 + e^3)
        {OpKind::reduce_max, 3},
        {OpKind::reduce_mean, 0.666666667f},
        {OpKind::reduce_min, -2},
        {OpKind::reduce_prod, -6},
        {OpKind::reduce_sum, 2},
        {OpKind::reduce_sum_square, 14},
        {OpKind::reduce_log_sum, 0.693147181f},
    }));
    CAPTURE(to_string(kind));
    CHECK(all(kind, tensor<float>({3}, {1, -2, 3})) == Approx(y).epsilon(1e-6));
}

TEST_CASE("reductions keep the axes they do not reduce, wherever those are")
{
    Tensor x(DataType::int32, {2, 3, 4, 5});
    std::iota(x.as<std::int32_t>().begin(), x.as<std::int32_t>().end(), 1);
    for (unsigned mask = 0; mask != 16; ++mask) {
        Integers axes;
        for (std::int64_t axis = 0; axis != 4; ++axis)
            if ((mask >> axis & 1) != 0)
                axes.push_back(axis);
        const auto y = over(OpKind::reduce_sum, axes)(x);
        std::vector<std::int32_t> expected(static_cast<std::size_t>(y.shape().element_count()));
        for (int i = 0; i != 120; ++i) {
            const int index[] = {i / 60, i / 20 % 3, i / 5 % 4, i % 5};
            std::int64_t to = 0;
            for (std::size_t axis = 0; axis != 4; ++axis)
                to = to * y.shape()[axis] + ((mask >> axis & 1) != 0 ? 0 : index[axis]);
            expected[static_cast<std::size_t>(to)] += i + 1;
        }
        CAPTURE(mask);
        CHECK(elements<std::int32_t>(y) == expected);
    }
}

TEST_CASE("keepdims decides whether reduced axes stay")
{
    const Tensor x(DataType::float32, {2, 3, 4});
    CHECK(over(OpKind::reduce_mean, {0, 2}).infer({&x})[0].shape == Shape{1, 3, 1});
    CHECK(over(OpKind::reduce_mean, {0, 2}).with("keepdims", 0).infer({&x})[0].shape == Shape{3});
}

TEST_CASE("a reduction over no axes still applies its function")
{
    const auto x = tensor<float>({2}, {-3, 2});
    CHECK(elements<float>(over(OpKind::reduce_l1, {})(x)) == std::vector<float>{3, 2});
    CHECK(elements<float>(over(OpKind::reduce_sum_square, {})(x)) == std::vector<float>{9, 4});
    CHECK(elements<float>(over(OpKind::reduce_sum, {})(x)) == std::vector<float>{-3, 2});
    CHECK(elements<float>(over(OpKind::reduce_log_sum_exp, {})(x)) == std::vector<float>{-3, 2});
    CHECK(elements<float>(over(OpKind::reduce_l2, {})(scalar<float>(-5))) == std::vector<float>{5});
}

TEST_CASE("reductions of nothing give what ONNX says")
{
    const Tensor nothing(DataType::float32, {2, 0});
    const auto first = [&](OpKind kind) { return over(kind, {1})(nothing).as<float>()[0]; };
    CHECK(first(OpKind::reduce_sum) == 0);
    CHECK(first(OpKind::reduce_l1) == 0);
    CHECK(first(OpKind::reduce_l2) == 0);
    CHECK(first(OpKind::reduce_sum_square) == 0);
    CHECK(first(OpKind::reduce_prod) == 1);
    CHECK(first(OpKind::reduce_max) == -infinity);
    CHECK(first(OpKind::reduce_min) == infinity);
    CHECK(first(OpKind::reduce_log_sum) == -infinity);
    CHECK(first(OpKind::reduce_log_sum_exp) == -infinity);
    CHECK(std::isnan(first(OpKind::reduce_mean)));
    CHECK(over(OpKind::reduce_sum, {0})(nothing).shape() == Shape{1, 0});

    const Tensor no_integers(DataType::int32, {0});
    using Limits = std::numeric_limits<std::int32_t>;
    CHECK(over(OpKind::reduce_max, {0})(no_integers).as<std::int32_t>()[0] == Limits::min());
    CHECK(over(OpKind::reduce_min, {0})(no_integers).as<std::int32_t>()[0] == Limits::max());
    CHECK(over(OpKind::reduce_mean, {0})(no_integers).as<std::int32_t>()[0] == 0);
    CHECK(over(OpKind::reduce_log_sum, {0})(no_integers).as<std::int32_t>()[0] == Limits::min());
    const Tensor no_truths(DataType::boolean, {0});
    CHECK(over(OpKind::reduce_min, {0})(no_truths).as<bool>()[0]);
    CHECK_FALSE(over(OpKind::reduce_max, {0})(no_truths).as<bool>()[0]);
}

TEST_CASE("sums of many floats do not lose the small ones")
{
    Tensor x(DataType::float32, {1 << 20, 2});
    std::ranges::fill(x.as<float>(), 0.1f);
    CHECK(over(OpKind::reduce_sum, {0})(x).as<float>()[1] == Approx(104857.6).epsilon(1e-6));
    CHECK(all(OpKind::reduce_sum, x) == Approx(209715.2).epsilon(1e-6));
    CHECK(all(OpKind::reduce_mean, x) == Approx(0.1).epsilon(1e-6));
}

TEST_CASE("LogSumExp does not overflow")
{
    CHECK(all(OpKind::reduce_log_sum_exp, tensor<float>({2}, {1000, 1000})) == Approx(1000.6931f));
    CHECK(all(OpKind::reduce_log_sum_exp, tensor<float>({2}, {-1000, -1000})) == Approx(-999.3069f));
    CHECK(all(OpKind::reduce_log_sum_exp, tensor<float>({2}, {-infinity, -infinity})) == -infinity);
    CHECK(all(OpKind::reduce_log_sum_exp, tensor<float>({3}, {infinity, 1, infinity})) == infinity);
    CHECK(std::isnan(all(OpKind::reduce_log_sum_exp, tensor<float>({3}, {1, not_a_number, 2}))));
}

TEST_CASE("NaN passes through reductions")
{
    Tensor x(DataType::float32, {40});
    std::ranges::fill(x.as<float>(), 1.f);
    x.as<float>()[21] = not_a_number;
    for (const auto kind : {OpKind::reduce_max, OpKind::reduce_min, OpKind::reduce_sum, OpKind::reduce_l1}) {
        CAPTURE(to_string(kind));
        CHECK(std::isnan(all(kind, x)));
    }
}

TEST_CASE("reductions of integers wrap, truncate and have signs")
{
    const auto bytes = tensor<std::int8_t>({3}, {-128, -100, 3});
    CHECK(over(OpKind::reduce_max, {0})(bytes).as<std::int8_t>()[0] == 3);
    CHECK(over(OpKind::reduce_mean, {0})(bytes).as<std::int8_t>()[0] == -75);
    CHECK(over(OpKind::reduce_sum, {0})(bytes).as<std::int8_t>()[0] == 31);
    CHECK(over(OpKind::reduce_l1, {0})(bytes).as<std::int8_t>()[0] == -25); // 231
    const auto big = tensor<std::int64_t>({2}, {std::numeric_limits<std::int64_t>::min(), -1});
    CHECK(over(OpKind::reduce_sum, {0})(big).as<std::int64_t>()[0] ==
          std::numeric_limits<std::int64_t>::max());
    CHECK(over(OpKind::reduce_sum_square, {0})(big).as<std::int64_t>()[0] == 1);
    CHECK(over(OpKind::reduce_prod, {0})(tensor<std::uint8_t>({2}, {20, 13})).as<std::uint8_t>()[0] == 4);
    CHECK(over(OpKind::reduce_l2, {0})(tensor<std::int32_t>({2}, {3, -4})).as<std::int32_t>()[0] == 5);
    CHECK(over(OpKind::reduce_log_sum, {0})(tensor<std::int32_t>({1}, {-1})).as<std::int32_t>()[0] == 0);
}

TEST_CASE("Max of booleans is any, Min is all; whatever is not 0 is true")
{
    Tensor x(DataType::boolean, {2, 2});
    const std::uint8_t bytes[] = {0, 2, 1, 255};
    std::memcpy(x.data(), bytes, 4);
    CHECK(elements<bool>(over(OpKind::reduce_max, {1})(x)) == std::vector<bool>{true, true});
    CHECK(elements<bool>(over(OpKind::reduce_min, {1})(x)) == std::vector<bool>{false, true});
    CHECK_THROWS_ERRC(over(OpKind::reduce_sum, {0})(x), errc::unsupported_operator);
}

TEST_CASE("axes that are not there are refused")
{
    const Tensor x(DataType::float32, {2, 3});
    for (const auto& axes : {Integers{2}, Integers{-1}, Integers{1, 0}, Integers{1, 1}, Integers(20, 0)})
        CHECK_THROWS_ERRC(over(OpKind::reduce_sum, axes)(x), errc::malformed_model);
    CHECK_THROWS_ERRC(over(OpKind::reduce_sum, {0})(scalar<float>(1)), errc::malformed_model);
}

TEST_CASE("ArgMax and ArgMin give the first of equal elements, or the last")
{
    const auto x = tensor<float>({2, 3}, {3, 1, 3, 0, 5, 0});
    const auto y = Operator(OpKind::arg_max).with("axis", 1)(x);
    CHECK(y.shape() == Shape{2, 1});
    CHECK(elements<std::int64_t>(y) == Integers{0, 1});
    CHECK(elements<std::int64_t>(Operator(OpKind::arg_max).with("axis", 1).with("select_last_index", 1)(x)) ==
          Integers{2, 1});
    CHECK(elements<std::int64_t>(Operator(OpKind::arg_min).with("axis", 1)(x)) == Integers{1, 0});
    const auto columns = Operator(OpKind::arg_min).with("keepdims", 0)(x);
    CHECK(columns.shape() == Shape{3});
    CHECK(elements<std::int64_t>(columns) == Integers{1, 0, 1});
    CHECK(elements<std::int64_t>(Operator(OpKind::arg_max)(tensor<std::int8_t>({3}, {-3, -1, -2}))) ==
          Integers{1});
}

TEST_CASE("NaN is what ArgMax and ArgMin find first")
{
    const auto x = tensor<float>({4}, {1, not_a_number, 3, not_a_number});
    CHECK(elements<std::int64_t>(Operator(OpKind::arg_max)(x)) == Integers{1});
    CHECK(elements<std::int64_t>(Operator(OpKind::arg_min)(x)) == Integers{1});
    CHECK(elements<std::int64_t>(Operator(OpKind::arg_min).with("select_last_index", 1)(x)) == Integers{3});
}

TEST_CASE("ArgMax of an empty axis, or of one that is not there, is refused")
{
    const Tensor x(DataType::float32, {0, 3});
    CHECK(Operator(OpKind::arg_max).with("axis", 1)(x).shape() == Shape{0, 1});
    CHECK_THROWS_ERRC(Operator(OpKind::arg_max)(x), errc::invalid_shape);
    CHECK_THROWS_ERRC(Operator(OpKind::arg_max).with("axis", 2)(x), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::arg_max)(scalar<float>(1)), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::arg_max)(tensor<bool>({1}, {true})), errc::unsupported_operator);
}
