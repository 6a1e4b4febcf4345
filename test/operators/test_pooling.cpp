#include "operators/run_operator.hpp"

#include <cmath>
#include <limits>
#include <numeric>

using namespace furiosa;
using namespace furiosa::operators;

namespace {

using Integers = std::vector<std::int64_t>;
using Floats = std::vector<float>;

Tensor counting(const Shape& shape)
{
    Tensor result(DataType::float32, shape);
    const auto values = result.as<float>();
    std::iota(values.begin(), values.end(), 1.f);
    return result;
}

Floats floats(const Tensor& tensor)
{
    return elements<float>(tensor);
}

Operator pool(OpKind kind, Integers kernel)
{
    return Operator(kind).with("kernel_shape", std::move(kernel));
}

constexpr auto average = OpKind::average_pool;
constexpr auto maximum = OpKind::max_pool;

} // namespace

TEST_CASE("AveragePool counts what is in the input, and the padding if it is asked to")
{
    const auto x = counting({1, 1, 4}); // 1 2 3 4
    const auto padded = pool(average, {3}).with("pads", Integers{1, 2});
    CHECK(floats(padded(x)) == Floats{1.5f, 2, 3, 3.5f, 4});
    auto counted = padded;
    counted.with("count_include_pad", std::int64_t{1});
    CHECK(floats(counted(x)) == Floats{1, 2, 3, 7.f / 3, 4.f / 3});
}

TEST_CASE("AveragePool never counts what ceil_mode adds behind the padding")
{
    const auto x = counting({1, 1, 4});
    const auto rounded_up =
        pool(average, {3}).with("strides", Integers{2}).with("ceil_mode", std::int64_t{1});
    CHECK(floats(rounded_up(x)) == Floats{2, 3.5f});
    auto counted = rounded_up;
    counted.with("count_include_pad", std::int64_t{1});
    CHECK(floats(counted(x)) == Floats{2, 3.5f});
    // The second window holds 4, one of padding, and one behind it.
    CHECK(floats(counted.with("pads", Integers{0, 1}).with("strides", Integers{3})(x)) == Floats{2, 2});
}

TEST_CASE("Pools in one to three dimensions, with dilations")
{
    const auto cube = counting({1, 1, 2, 2, 3});
    CHECK(floats(pool(average, {2, 2, 2})(cube)) == Floats{6, 7});
    CHECK(floats(pool(maximum, {2, 2, 2})(cube)) == Floats{11, 12});
    const auto x = counting({1, 1, 3, 3});
    CHECK(floats(pool(average, {2, 2}).with("dilations", Integers{2, 2})(x)) == Floats{5});
    CHECK(floats(pool(maximum, {2, 1}).with("dilations", Integers{2, 1})(x)) == Floats{7, 8, 9});
    CHECK(floats(pool(maximum, {2, 2}).with("auto_pad", std::string("SAME_UPPER"))(x)) ==
          Floats{5, 6, 6, 8, 9, 9, 8, 9, 9});
}

TEST_CASE("A window that holds padding only")
{
    const auto x = counting({1, 1, 1});
    const auto hole = [&](OpKind kind) {
        return pool(kind, {2}).with("dilations", Integers{2}).with("pads", Integers{1, 1}); // at -1 and 1
    };
    CHECK(floats(hole(average)(x)) == Floats{0});
    const auto outputs = hole(maximum).run_all({&x}, 2);
    CHECK(floats(outputs[0]) == Floats{std::numeric_limits<float>::lowest()});
    CHECK(elements<std::int64_t>(outputs[1]) == Integers{-1});
}

TEST_CASE("MaxPool says where its maxima stand, the first of several, in either order")
{
    const auto x = tensor<float>({1, 2, 2, 3}, {1, 5, 5, 2, 0, 3, -1, -2, -3, -4, -5, -6});
    const auto outputs = pool(maximum, {2, 2}).run_all({&x}, 2);
    CHECK(floats(outputs[0]) == Floats{5, 5, -1, -2});
    CHECK(elements<std::int64_t>(outputs[1]) == Integers{1, 1, 6, 7});
    const auto by_columns = pool(maximum, {2, 2}).with("storage_order", std::int64_t{1}).run_all({&x}, 2);
    CHECK(elements<std::int64_t>(by_columns[1]) == Integers{2, 2, 6, 8});
}

TEST_CASE("MaxPool of bytes")
{
    const auto x = tensor<std::int8_t>({1, 1, 3}, {-128, -5, 7});
    CHECK(elements<std::int8_t>(pool(maximum, {2})(x)) == std::vector<std::int8_t>{-5, 7});
    const auto u = tensor<std::uint8_t>({1, 1, 3}, {0, 255, 7});
    CHECK(elements<std::uint8_t>(pool(maximum, {2})(u)) == std::vector<std::uint8_t>{255, 255});
}

TEST_CASE("Global pools, of whatever rank")
{
    const auto x = counting({2, 1, 2, 2});
    CHECK(floats(Operator(OpKind::global_average_pool)(x)) == Floats{2.5f, 6.5f});
    CHECK(floats(Operator(OpKind::global_max_pool)(x)) == Floats{4, 8});
    CHECK(Operator(OpKind::global_max_pool)(counting({1, 1, 1, 1, 1, 1, 1, 2})).shape() ==
          Shape{1, 1, 1, 1, 1, 1, 1, 1});
    CHECK(Operator(OpKind::global_average_pool)(Tensor(DataType::float32, {0, 3, 4})).shape() ==
          Shape{0, 3, 1});
    CHECK(std::isnan(floats(Operator(OpKind::global_average_pool)(Tensor(DataType::float32, {1, 1, 0})))[0]));
    const auto matrix = counting({2, 2});
    CHECK_THROWS_ERRC(Operator(OpKind::global_max_pool).infer({&matrix}), errc::invalid_shape);
}

TEST_CASE("Pools of nothing")
{
    for (const auto kind : {average, maximum})
        CHECK(pool(kind, {2})(Tensor(DataType::float32, {1, 0, 5})).shape() == Shape{1, 0, 4});
}

TEST_CASE("Pools refuse windows that make no sense")
{
    const auto x = counting({1, 1, 4, 4});
    const Tensor bytes(DataType::int32, {1, 1, 4, 4});
    const auto deep = counting({1, 1, 1, 1, 1, 2});
    for (const auto kind : {average, maximum}) {
        CHECK_THROWS_ERRC(Operator(kind).infer({&x}), errc::malformed_model);
        CHECK_THROWS_ERRC(pool(kind, {2}).infer({&x}), errc::malformed_model);
        CHECK_THROWS_ERRC(pool(kind, {0, 2}).infer({&x}), errc::malformed_model);
        CHECK_THROWS_ERRC(pool(kind, {INT64_MAX, 2}).infer({&x}), errc::malformed_model);
        CHECK_THROWS_ERRC(pool(kind, {5, 2}).infer({&x}), errc::invalid_shape);
        CHECK_THROWS_ERRC(pool(kind, {2, 2}).with("strides", Integers{-1, 1}).infer({&x}),
                          errc::malformed_model);
        CHECK_THROWS_ERRC(pool(kind, {2, 2}).with("pads", Integers{2, 0, 0, 0}).infer({&x}),
                          errc::invalid_shape);
        CHECK_THROWS_ERRC(pool(kind, {2, 2}).with("pads", Integers{0, 0, 0, INT64_MAX}).infer({&x}),
                          errc::malformed_model);
        CHECK_THROWS_ERRC(pool(kind, {2, 2}).infer({&bytes}), errc::unsupported_operator);
        CHECK_THROWS_ERRC(pool(kind, {1, 1, 1, 1}).infer({&deep}), errc::unsupported_operator);
    }
    CHECK_THROWS_ERRC(pool(average, {2, 2}).infer({&x}, 2), errc::malformed_model);
}
