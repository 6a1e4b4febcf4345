#include "operators/run_operator.hpp"

#include <random>

using namespace furiosa;
using namespace furiosa::operators;

namespace {

using Floats = std::vector<float>;

/// Small numbers of which sums are exact, so that the order of the additions does not matter.
Tensor random_integers(const Shape& shape, unsigned seed)
{
    std::mt19937 random(seed);
    Tensor result(DataType::float32, shape);
    for (auto& value : result.as<float>())
        value = static_cast<float>(static_cast<int>(random() % 9) - 4);
    return result;
}

Floats floats(const Tensor& tensor)
{
    return elements<float>(tensor);
}

} // namespace

TEST_CASE("Gemm multiplies, transposed or not, and adds what broadcasts")
{
    const auto a = tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6});
    const auto b = tensor<float>({3, 2}, {1, 0, 0, 1, 1, 1});
    const auto at = tensor<float>({3, 2}, {1, 4, 2, 5, 3, 6});
    const auto bt = tensor<float>({2, 3}, {1, 0, 1, 0, 1, 1});
    const auto gemm = [](bool ta, bool tb) {
        return Operator(OpKind::gemm).with("transA", std::int64_t{ta}).with("transB", std::int64_t{tb});
    };
    const Floats product{4, 5, 10, 11};
    CHECK(floats(gemm(false, false)(a, b)) == product);
    CHECK(floats(gemm(true, false)(at, b)) == product);
    CHECK(floats(gemm(false, true)(a, bt)) == product);
    CHECK(floats(gemm(true, true)(at, bt)) == product);
    const auto scaled = gemm(false, false).with("alpha", 0.5f).with("beta", 2.f);
    CHECK(floats(scaled(a, b, tensor<float>({2}, {1, 2}))) == Floats{4, 6.5f, 7, 9.5f});
    CHECK(floats(scaled(a, b, tensor<float>({2, 1}, {1, 2}))) == Floats{4, 4.5f, 9, 9.5f});
    CHECK(floats(scaled(a, b, scalar<float>(1))) == Floats{4, 4.5f, 7, 7.5f});
    CHECK(floats(gemm(false, false)(Tensor(DataType::float32, {2, 0}), Tensor(DataType::float32, {0, 1}),
                                    tensor<float>({1}, {3}))) == Floats{3, 3});
    CHECK(gemm(false, false)(Tensor(DataType::float32, {0, 3}), b).shape() == Shape{0, 2});
}

TEST_CASE("Gemm of integers wraps around")
{
    const auto a = tensor<std::int32_t>({1, 2}, {INT32_MAX, 1});
    const auto b = tensor<std::int32_t>({2, 2}, {2, 1, 3, 1});
    const auto y = Operator(OpKind::gemm)(a, b, tensor<std::int32_t>({}, {-1}));
    CHECK(elements<std::int32_t>(y) == std::vector<std::int32_t>{0, INT32_MAX}); // 2^32 + 0, 2^31 - 1
    const auto half =
        Operator(OpKind::gemm)
            .with("alpha", -0.5f)(tensor<std::int32_t>({1, 1}, {7}), tensor<std::int32_t>({1, 1}, {1}));
    CHECK(elements<std::int32_t>(half).front() == -3);
}

TEST_CASE("Gemm refuses factors that do not fit")
{
    const auto a = random_integers({2, 3}, 1), b = random_integers({2, 2}, 1),
               cube = random_integers({3, 1, 1}, 1);
    const auto ok = random_integers({3, 2}, 1), wide = random_integers({3}, 1),
               tall = random_integers({1, 2, 2}, 1);
    const Operator gemm(OpKind::gemm);
    CHECK_THROWS_ERRC(gemm.infer({&a, &b}), errc::invalid_shape);
    CHECK_THROWS_ERRC(gemm.infer({&a, &cube}), errc::invalid_shape);
    CHECK_THROWS_ERRC(gemm.infer({&a, &ok, &wide}), errc::invalid_shape);
    CHECK_THROWS_ERRC(gemm.infer({&a, &ok, &tall}), errc::invalid_shape);
    const auto i = tensor<std::int32_t>({3, 1}, {1, 2, 3});
    const Tensor l(DataType::int64, {2, 3});
    CHECK_THROWS_ERRC(gemm.infer({&a, &i}), errc::malformed_model);
    CHECK_THROWS_ERRC(gemm.infer({&l, &l}), errc::unsupported_operator);
}

TEST_CASE("MatMul multiplies stacks of matrices as NumPy does")
{
    const Operator mat_mul(OpKind::mat_mul);
    const auto row = tensor<float>({2}, {1, 2});
    const auto m = tensor<float>({2, 2}, {1, 2, 3, 4});
    CHECK(mat_mul(row, row).shape() == Shape{});
    CHECK(floats(mat_mul(row, row)) == Floats{5});
    CHECK(floats(mat_mul(row, m)) == Floats{7, 10});
    CHECK(floats(mat_mul(m, row)) == Floats{5, 11});
    const auto stack = tensor<float>({2, 1, 1, 2}, {1, 0, 0, 1});
    const auto other = tensor<float>({3, 2, 1}, {1, 2, 3, 4, 5, 6});
    const auto y = mat_mul(stack, other);
    CHECK(y.shape() == Shape{2, 3, 1, 1});
    CHECK(floats(y) == Floats{1, 3, 5, 2, 4, 6});
    CHECK(floats(mat_mul(stack, m)) == Floats{1, 2, 3, 4});
    CHECK(mat_mul(row, other).shape() == Shape{3, 1});
    CHECK(floats(mat_mul(Tensor(DataType::float32, {2, 0}), Tensor(DataType::float32, {0, 1}))) ==
          Floats{0, 0});
    CHECK(mat_mul(Tensor(DataType::float32, {0, 2, 2}), m).shape() == Shape{0, 2, 2});
}

TEST_CASE("MatMul agrees with its definition past the edges of its tiles")
{
    const auto a = random_integers({7, 300}, 1), b = random_integers({300, 19}, 2);
    const auto y = floats(Operator(OpKind::mat_mul)(a, b));
    Floats expected(7 * 19);
    for (std::size_t i = 0; i != 7; ++i)
        for (std::size_t j = 0; j != 19; ++j)
            for (std::size_t k = 0; k != 300; ++k)
                expected[i * 19 + j] += a.as<float>()[i * 300 + k] * b.as<float>()[k * 19 + j];
    CHECK(y == expected);
}

TEST_CASE("MatMul of integers, with a bias and an activation")
{
    const auto a = tensor<float>({2, 2}, {1, -2, 3, 4}), b = tensor<float>({2, 1}, {1, 1});
    CHECK(floats(Operator(OpKind::mat_mul).with("activation", std::string("Relu"))(a, b)) == Floats{0, 7});
    CHECK(floats(Operator(OpKind::mat_mul)(a, b, tensor<float>({1}, {0.5f}))) == Floats{-0.5f, 7.5f});
    CHECK(floats(Operator(OpKind::mat_mul)(a, tensor<float>({2}, {1, 1}), tensor<float>({2}, {1, 2}))) ==
          Floats{0, 9});
    const auto large = tensor<std::int64_t>({1, 1}, {std::int64_t{1} << 40});
    CHECK(elements<std::int64_t>(Operator(OpKind::mat_mul)(large, tensor<std::int64_t>({1, 1}, {-3})))[0] ==
          -3 * (std::int64_t{1} << 40));
    CHECK(elements<std::int64_t>(Operator(OpKind::mat_mul)(large, large))[0] == 0); // 2^80
    CHECK_THROWS_ERRC(Operator(OpKind::mat_mul).with("activation", std::string("Relu"))(large, large),
                      errc::unsupported_operator);
}

TEST_CASE("MatMul refuses factors that do not fit")
{
    const Operator mat_mul(OpKind::mat_mul);
    const auto a = random_integers({2, 3}, 1), b = random_integers({2, 2}, 1), s = random_integers({}, 1);
    const auto two = random_integers({2, 2, 2}, 1), three = random_integers({3, 2, 2}, 1),
               c = random_integers({3}, 1);
    CHECK_THROWS_ERRC(mat_mul.infer({&a, &b}), errc::invalid_shape);
    CHECK_THROWS_ERRC(mat_mul.infer({&s, &a}), errc::invalid_shape);
    CHECK_THROWS_ERRC(mat_mul.infer({&two, &three}), errc::invalid_shape);
    CHECK_THROWS_ERRC(mat_mul.infer({&b, &b, &c}), errc::invalid_shape);
    CHECK_THROWS_ERRC(mat_mul.infer({&c, &c, &s}), errc::invalid_shape);
    const Tensor bytes(DataType::uint8, {2, 2});
    CHECK_THROWS_ERRC(mat_mul.infer({&bytes, &bytes}), errc::unsupported_operator);
    CHECK_THROWS_ERRC(mat_mul.infer({&b, &bytes}), errc::malformed_model);
}
