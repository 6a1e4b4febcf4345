#include "operators/run_operator.hpp"

#include <cmath>

using namespace furiosa;
using namespace furiosa::operators;

namespace {

void check_near(const Tensor& got, const std::vector<double>& expected)
{
    const auto values = got.as<float>();
    REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i != values.size(); ++i)
        CHECK(values[i] == Approx(expected[i]).margin(1e-7));
}

Operator along(OpKind kind, std::int64_t axis)
{
    return Operator(kind).with("axis", axis);
}

Operator exactly(OpKind kind)
{
    return Operator(kind).with("epsilon", 0.f);
}

} // namespace

TEST_CASE("BatchNormalization takes the moments it is given")
{
    const auto x = tensor<float>({2, 2, 1}, {1, 2, 3, 4});
    const auto scale = tensor<float>({2}, {2, 1}), bias = tensor<float>({2}, {0, 10});
    const auto mean = tensor<float>({2}, {1, 2}), variance = tensor<float>({2}, {4, 1});
    check_near(exactly(OpKind::batch_normalization)(x, scale, bias, mean, variance), {0, 10, 2, 12});
    const auto rows = Operator(OpKind::batch_normalization).with("epsilon", 5.f);
    check_near(rows(tensor<float>({1, 2}, {4, 2}), scale, bias, mean, variance), {2, 10});
}

TEST_CASE("BatchNormalization in training computes moments and lets the running ones follow")
{
    const auto x = tensor<float>({2, 1, 2}, {1, 3, 5, 7}); // mean 4, variance of a population 5
    const auto one = tensor<float>({1}, {1}), zero = tensor<float>({1}, {0}), ten = tensor<float>({1}, {10});
    auto training = exactly(OpKind::batch_normalization).with("training_mode", std::int64_t{1});
    const auto outputs = training.run_all({&x, &one, &zero, &ten, &ten}, 3);
    check_near(outputs[0], {-3 / std::sqrt(5), -1 / std::sqrt(5), 1 / std::sqrt(5), 3 / std::sqrt(5)});
    check_near(outputs[1], {9.4});
    check_near(outputs[2], {9.5});
    training.with("momentum", 0.5f);
    check_near(training.run_all({&x, &one, &zero, &ten, &ten}, 3)[1], {7});
    CHECK_THROWS_ERRC(Operator(OpKind::batch_normalization).infer({&x, &one, &zero, &ten, &ten}, 3),
                      errc::unsupported_operator);
}

TEST_CASE("Normalizations by channels refuse parameters of other shapes")
{
    const auto x = tensor<float>({1, 2, 1}, {1, 2});
    const auto two = tensor<float>({2}, {1, 2}), one = tensor<float>({1}, {1});
    const Tensor bytes(DataType::uint8, {1, 2, 1});
    const Operator batch(OpKind::batch_normalization), instance(OpKind::instance_normalization);
    CHECK_THROWS_ERRC(batch.infer({&x, &two, &two, &two, &one}), errc::invalid_shape);
    CHECK_THROWS_ERRC(batch.infer({&two, &two, &two, &two, &two}), errc::invalid_shape);
    CHECK_THROWS_ERRC(batch.infer({&x, &two, &two, &two}), errc::malformed_model);
    CHECK_THROWS_ERRC(batch.infer({&bytes, &two, &two, &two, &two}), errc::unsupported_operator);
    CHECK_THROWS_ERRC(instance.infer({&x, &two, &one}), errc::invalid_shape);
    CHECK_THROWS_ERRC(instance.infer({&bytes, &two, &two}), errc::unsupported_operator);
}

TEST_CASE("InstanceNormalization takes every plane for itself")
{
    const auto x = tensor<float>({1, 2, 2}, {1, 3, 10, 10});
    const auto scale = tensor<float>({2}, {2, 1}), bias = tensor<float>({2}, {0, 5});
    check_near(Operator(OpKind::instance_normalization).with("epsilon", 3.f)(x, scale, bias), {-1, 1, 5, 5});
    CHECK(
        Operator(OpKind::instance_normalization)(Tensor(DataType::float32, {2, 2, 0}), scale, bias).shape() ==
        Shape{2, 2, 0});
}

TEST_CASE("LayerNormalization gives moments, and broadcasts its parameters")
{
    const auto x = tensor<float>({2, 1, 2}, {1, 3, 10, 30});
    const auto op = along(OpKind::layer_normalization, 1).with("epsilon", 0.f);
    const auto scale = tensor<float>({1, 2}, {1, 2}), bias = tensor<float>({1}, {1});
    const auto outputs = op.run_all({&x, &scale, &bias}, 3);
    check_near(outputs[0], {0, 3, 0, 3});
    CHECK(outputs[1].shape() == Shape{2, 1, 1});
    check_near(outputs[1], {2, 20});
    check_near(outputs[2], {1, 0.1});
    check_near(op(x, scalar<float>(1)), {-1, 1, -1, 1});
    const auto wide = tensor<float>({2, 1, 2}, {1, 1, 1, 1}), odd = tensor<float>({3}, {1, 1, 1});
    CHECK_THROWS_ERRC(op.infer({&x, &wide}), errc::invalid_shape);
    CHECK_THROWS_ERRC(op.infer({&x, &scale, &odd}), errc::invalid_shape);
    CHECK_THROWS_ERRC(along(OpKind::layer_normalization, 3).infer({&x, &scale}), errc::malformed_model);
}

TEST_CASE("LayerNormalization of empty lines ends, however many there are")
{
    const Tensor x(DataType::float32, {std::int64_t{1} << 50, 0});
    CHECK(Operator(OpKind::layer_normalization)(x, scalar<float>(1)).shape() == x.shape());
    const Tensor few(DataType::float32, {2, 0});
    const auto one = scalar<float>(1);
    CHECK(std::isnan(Operator(OpKind::layer_normalization).run_all({&few, &one}, 2)[1].as<float>()[1]));
}

TEST_CASE("LpNormalization divides lines by their length, if they have one")
{
    const auto x = tensor<float>({2, 2}, {3, 0, -4, 0});
    check_near(along(OpKind::lp_normalization, 0)(x), {0.6, 0, -0.8, 0});
    check_near(along(OpKind::lp_normalization, 0).with("p", std::int64_t{1})(x), {3. / 7, 0, -4. / 7, 0});
    check_near(Operator(OpKind::lp_normalization)(x), {1, 0, -1, 0});
    CHECK_THROWS_ERRC(along(OpKind::lp_normalization, 2)(x), errc::malformed_model);
    CHECK_THROWS_ERRC(along(OpKind::lp_normalization, 0).with("p", std::int64_t{3})(x),
                      errc::malformed_model);
}

TEST_CASE("LRN divides by a sum over neighbouring channels")
{
    const auto x = tensor<float>({1, 4, 1}, {1, 2, 3, 4});
    const auto lrn = [](std::int64_t size) {
        return Operator(OpKind::lrn)
            .with("size", size)
            .with("beta", 1.f)
            .with("alpha", static_cast<float>(size));
    };
    check_near(lrn(3)(x), {1. / 6, 2. / 15, 3. / 30, 4. / 26});
    check_near(lrn(2)(x), {1. / 6, 2. / 14, 3. / 26, 4. / 17}); // one more behind than in front
    check_near(lrn(1000)(x), {1. / 31, 2. / 31, 3. / 31, 4. / 31});
    CHECK(lrn(INT64_MAX)(x).shape() == x.shape());
    CHECK_THROWS_ERRC(lrn(0)(x), errc::malformed_model);
    CHECK_THROWS_ERRC(lrn(-3)(x), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::lrn)(x), errc::malformed_model);
}

TEST_CASE("Softmax and LogSoftmax along any axis, without overflow")
{
    const auto x = tensor<float>({2, 2}, {1000, 0, 1000, 0});
    check_near(along(OpKind::softmax, 0)(x), {0.5, 0.5, 0.5, 0.5});
    check_near(along(OpKind::softmax, 1)(x), {1, 0, 1, 0});
    check_near(along(OpKind::log_softmax, 1)(x), {0, -1000, 0, -1000});
    check_near(along(OpKind::log_softmax, 0)(x), {-std::log(2), -std::log(2), -std::log(2), -std::log(2)});
    CHECK(along(OpKind::softmax, 1)(Tensor(DataType::float32, {3, 0})).shape() == Shape{3, 0});
    CHECK(along(OpKind::softmax, 0)(Tensor(DataType::float32, {3, 0})).shape() == Shape{3, 0});
    CHECK_THROWS_ERRC(along(OpKind::softmax, 2)(x), errc::malformed_model);
    CHECK_THROWS_ERRC(along(OpKind::softmax, -1)(x), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::softmax)(scalar<float>(1)), errc::malformed_model);
    CHECK_THROWS_ERRC(along(OpKind::softmax, 0)(tensor<std::int32_t>({1}, {1})), errc::unsupported_operator);
}
