#include "operators/run_operator.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <numeric>

using namespace furiosa;
using namespace furiosa::operators;

namespace {

using Integers = std::vector<std::int64_t>;

Tensor counting(const Shape& shape)
{
    Tensor result(DataType::int32, shape);
    const auto values = result.as<std::int32_t>();
    std::iota(values.begin(), values.end(), 0);
    return result;
}

std::vector<std::int32_t> ints(const Tensor& tensor)
{
    return elements<std::int32_t>(tensor);
}

using Ints = std::vector<std::int32_t>;

Operator transposed(Integers perm)
{
    return Operator(OpKind::transpose).with("perm", std::move(perm));
}

Operator sliced(Integers starts, Integers steps, Integers extents)
{
    return Operator(OpKind::slice)
        .with("starts", std::move(starts))
        .with("steps", std::move(steps))
        .with("extents", std::move(extents));
}

Operator padded(const char* mode, Integers pads)
{
    return Operator(OpKind::pad).with("mode", std::string(mode)).with("pads", std::move(pads));
}

} // namespace

TEST_CASE("Concat puts parts after each other along an axis, and skips empty ones")
{
    const auto a = tensor<std::int32_t>({2, 1}, {1, 2});
    const auto b = tensor<std::int32_t>({2, 2}, {3, 4, 5, 6});
    const Tensor none(DataType::int32, {2, 0});
    const auto concat = Operator(OpKind::concat).with("axis", std::int64_t{1});
    const auto y = concat(a, none, b);
    CHECK(y.shape() == Shape{2, 3});
    CHECK(ints(y) == Ints{1, 3, 4, 2, 5, 6});
    CHECK(concat(none, none).shape() == Shape{2, 0});
}

TEST_CASE("Concat refuses parts that do not fit together")
{
    const auto a = counting({2, 3});
    const auto concat = Operator(OpKind::concat).with("axis", std::int64_t{1});
    CHECK_THROWS_ERRC(concat(a, counting({3, 3})), errc::invalid_shape);
    CHECK_THROWS_ERRC(concat(a, counting({2, 3, 1})), errc::invalid_shape);
    CHECK_THROWS_ERRC(concat(a, tensor<float>({2, 1}, {1, 2})), errc::malformed_model);
    CHECK_THROWS_ERRC(concat.infer({&a, nullptr}), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::concat).with("axis", std::int64_t{2})(a), errc::malformed_model);
    CHECK_THROWS_ERRC(Operator(OpKind::concat).with("axis", std::int64_t{-1})(a), errc::malformed_model);
    const Tensor long_one(DataType::int32, {0, std::int64_t{1} << 59});
    const std::vector<const Tensor*> many(16, &long_one); // together 2^63
    CHECK_THROWS_ERRC(concat.infer(many), errc::invalid_shape);
}

TEST_CASE("Split takes an axis apart, and its parts must use it up")
{
    const auto x = counting({2, 5});
    const auto split = [](Integers sizes) {
        return Operator(OpKind::split).with("axis", std::int64_t{1}).with("split", std::move(sizes));
    };
    const auto parts = split({2, 0, 3}).run_all({&x}, 3);
    CHECK(ints(parts[0]) == Ints{0, 1, 5, 6});
    CHECK(parts[1].shape() == Shape{2, 0});
    CHECK(ints(parts[2]) == Ints{2, 3, 4, 7, 8, 9});
    CHECK(split({2, 3}).infer({&x}, 1).size() == 1);
    CHECK_THROWS_ERRC(split({2, 2}).infer({&x}, 2), errc::invalid_shape);
    CHECK_THROWS_ERRC(split({6, -1}).infer({&x}, 2), errc::invalid_shape);
    CHECK_THROWS_ERRC(split({INT64_MAX, INT64_MAX}).infer({&x}, 2), errc::invalid_shape);
    CHECK_THROWS_ERRC(split({2, 3}).infer({&x}, 3), errc::unsupported_operator);
}

TEST_CASE("Transpose permutes axes of any type and rank")
{
    CHECK(ints(transposed({1, 0})(counting({2, 3}))) == Ints{0, 3, 1, 4, 2, 5});
    CHECK(ints(transposed({})(counting({}))) == Ints{0});
    CHECK(transposed({2, 0, 1})(counting({2, 0, 3})).shape() == Shape{3, 2, 0});
    Tensor half(DataType::float16, {2, 2});
    const std::uint16_t bits[] = {1, 2, 3, 4}, expected[] = {1, 3, 2, 4};
    std::memcpy(half.data(), bits, sizeof(bits));
    CHECK(std::memcmp(transposed({1, 0})(half).data(), expected, sizeof(expected)) == 0);
}

TEST_CASE("Transpose agrees with its definition for all kinds of permutations")
{
    for (const auto& perm :
         {Integers{0, 3, 1, 2}, Integers{0, 2, 3, 1}, Integers{3, 2, 1, 0}, Integers{1, 0, 3, 2},
          Integers{2, 3, 0, 1}, Integers{0, 1, 2, 3}, Integers{0, 2, 1, 3}}) {
        const Shape shape{3, 17, 5, 34};
        const auto x = counting(shape);
        const auto y = transposed(perm)(x);
        const auto values = ints(y);
        std::size_t at = 0;
        bool same = true;
        std::array<std::int64_t, 4> i{};
        const auto extent = [&](std::size_t k) { return shape[static_cast<std::size_t>(perm[k])]; };
        for (i[0] = 0; i[0] != extent(0); ++i[0])
            for (i[1] = 0; i[1] != extent(1); ++i[1])
                for (i[2] = 0; i[2] != extent(2); ++i[2])
                    for (i[3] = 0; i[3] != extent(3); ++i[3]) {
                        std::array<std::int64_t, 4> from{};
                        for (std::size_t k = 0; k != 4; ++k)
                            from[static_cast<std::size_t>(perm[k])] = i[k];
                        same =
                            same && values[at++] == ((from[0] * 17 + from[1]) * 5 + from[2]) * 34 + from[3];
                    }
        CHECK(same);
    }
}

TEST_CASE("Transpose of rank 8, there and back")
{
    const auto x = counting({2, 1, 3, 2, 2, 3, 1, 2});
    const auto y = transposed({7, 5, 3, 1, 0, 2, 4, 6})(x);
    CHECK(y.shape() == Shape{2, 3, 2, 1, 2, 3, 2, 1});
    CHECK(ints(transposed({4, 3, 5, 2, 6, 1, 7, 0})(y)) == ints(x));
}

TEST_CASE("Transpose refuses what is no permutation")
{
    const auto x = counting({2, 3});
    for (const auto& perm : {Integers{0}, Integers{0, 0}, Integers{0, 2}, Integers{-1, 0}, Integers{0, 1, 2}})
        CHECK_THROWS_ERRC(transposed(perm).infer({&x}), errc::malformed_model);
}

TEST_CASE("Slice walks in steps, backwards too")
{
    const auto x = counting({3, 4});
    CHECK(ints(sliced({1, 0}, {1, 2}, {2, 2})(x)) == Ints{4, 6, 8, 10});
    CHECK(ints(sliced({2, 3}, {-2, -3}, {2, 2})(x)) == Ints{11, 8, 3, 0});
    CHECK(ints(sliced({0, 2}, {INT64_MAX, -INT64_MAX}, {1, 1})(x)) == Ints{2});
    CHECK(sliced({-7, 0}, {1, 1}, {0, 4})(x).shape() == Shape{0, 4});
}

TEST_CASE("Slice refuses to reach outside")
{
    const auto x = counting({3, 4});
    CHECK_THROWS_ERRC(sliced({0, 0}, {1, 1}, {4, 1}).infer({&x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(sliced({3, 0}, {1, 1}, {1, 1}).infer({&x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(sliced({-1, 0}, {1, 1}, {1, 1}).infer({&x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(sliced({1, 0}, {-1, 1}, {3, 1}).infer({&x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(sliced({0, 0}, {0, 1}, {2, 1}).infer({&x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(sliced({1, 0}, {INT64_MAX, 1}, {2, 1}).infer({&x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(sliced({0, 0}, {1, 1}, {INT64_MAX, 1}).infer({&x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(sliced({0, 0}, {INT64_MIN, 1}, {1, 1}).infer({&x}), errc::malformed_model);
    CHECK_THROWS_ERRC(sliced({0, 0}, {1, 1}, {-1, 1}).infer({&x}), errc::malformed_model);
    CHECK_THROWS_ERRC(sliced({0}, {1}, {1}).infer({&x}), errc::malformed_model);
}

TEST_CASE("Expand repeats extents of one")
{
    const auto expand = [](Integers shape) {
        return Operator(OpKind::expand).with("shape", std::move(shape));
    };
    const auto x = counting({3, 1});
    CHECK(ints(expand({2, 3, 2})(x)) == Ints{0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2});
    CHECK(expand({0, 3, 1})(x).shape() == Shape{0, 3, 1});
    CHECK(ints(expand({1, 1, 1, 1, 1, 1, 2, 2})(scalar<std::int32_t>(7))) == Ints{7, 7, 7, 7});
    CHECK_THROWS_ERRC(expand({4, 1}).infer({&x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(expand({1}).infer({&x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(expand({-1, 3, 1}).infer({&x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(expand({INT64_MAX, 3, 1}).infer({&x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(expand({1, 1, 1, 1, 1, 1, 1, 3, 1}).infer({&x}), errc::invalid_shape);
}

TEST_CASE("Tile repeats along every axis")
{
    const auto tile = [](Integers repeats) {
        return Operator(OpKind::tile).with("repeats", std::move(repeats));
    };
    const auto x = counting({2, 2});
    CHECK(ints(tile({2, 2})(x)) == Ints{0, 1, 0, 1, 2, 3, 2, 3, 0, 1, 0, 1, 2, 3, 2, 3});
    CHECK(tile({0, 3})(x).shape() == Shape{0, 6});
    CHECK(ints(tile({1, 1, 1, 1, 1, 1, 1, 2})(counting({1, 1, 1, 1, 1, 1, 1, 1}))) == Ints{0, 0});
    CHECK_THROWS_ERRC(tile({INT64_MAX, 1}).infer({&x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(tile({-1, 1}).infer({&x}), errc::malformed_model);
    CHECK_THROWS_ERRC(tile({1}).infer({&x}), errc::malformed_model);
}

TEST_CASE("Reshape and Identity keep the elements")
{
    const auto x = counting({2, 3});
    const auto y = Operator(OpKind::reshape).with("shape", Integers{3, 1, 2})(x);
    CHECK(y.shape() == Shape{3, 1, 2});
    CHECK(ints(y) == ints(x));
    CHECK(ints(Operator(OpKind::identity)(x)) == ints(x));
    CHECK_THROWS_ERRC(Operator(OpKind::reshape).with("shape", Integers{4})(x), errc::invalid_shape);
    CHECK_THROWS_ERRC(Operator(OpKind::reshape).with("shape", Integers{-2, -3})(x), errc::invalid_shape);
    CHECK_THROWS_ERRC(Operator(OpKind::reshape)(x), errc::invalid_shape);
}

TEST_CASE("Gather takes elements by their index, negative ones from the end")
{
    const auto x = counting({2, 3});
    const auto gather = Operator(OpKind::gather).with("axis", std::int64_t{1});
    const auto y = gather(x, tensor<std::int64_t>({2, 2}, {2, 0, -1, -3}));
    CHECK(y.shape() == Shape{2, 2, 2});
    CHECK(ints(y) == Ints{2, 0, 2, 0, 5, 3, 5, 3});
    CHECK(ints(gather(x, tensor<std::int32_t>({}, {1}))) == Ints{1, 4});
    CHECK(gather(x, Tensor(DataType::int64, {0})).shape() == Shape{2, 0});
    CHECK_THROWS_ERRC(gather(x, tensor<std::int64_t>({1}, {3})), errc::invalid_argument);
    CHECK_THROWS_ERRC(gather(x, tensor<std::int64_t>({1}, {-4})), errc::invalid_argument);
    CHECK_THROWS_ERRC(gather(x, tensor<std::int64_t>({1}, {INT64_MIN})), errc::invalid_argument);
    CHECK_THROWS_ERRC(gather(x, tensor<float>({1}, {0})), errc::unsupported_operator);
    CHECK_THROWS_ERRC(gather(Tensor(DataType::int32, {2, 0}), tensor<std::int64_t>({1}, {0})),
                      errc::invalid_argument);
    const auto deep = counting({1, 1, 1, 1, 1, 1, 1});
    const Tensor indices(DataType::int64, {1, 1, 1});
    CHECK_THROWS_ERRC(gather.infer({&deep, &indices}), errc::invalid_shape);
}

TEST_CASE("Pad with a value, and cut with negative pads")
{
    const auto x = counting({2, 2});
    CHECK(ints(padded("constant", {0, 1, 1, 0})(x)) == Ints{0, 0, 1, 0, 2, 3, 0, 0, 0});
    CHECK(ints(padded("constant", {0, 1, 0, -1})(x, scalar<std::int32_t>(9))) == Ints{9, 0, 9, 2});
    CHECK(ints(padded("constant", {0, 1, 0, 0})(Tensor(DataType::int32, {2, 0}))) == Ints{0, 0});
    CHECK(padded("constant", {-1, 0, -1, 5})(x).shape() == Shape{0, 7});
}

TEST_CASE("Pad mirrors, repeats the edge, or wraps around")
{
    const auto x = counting({3});
    CHECK(ints(padded("reflect", {2, 1})(x)) == Ints{2, 1, 0, 1, 2, 1});
    CHECK(ints(padded("reflect", {5, 0})(x)) == Ints{1, 0, 1, 2, 1, 0, 1, 2}); // back and forth
    CHECK(ints(padded("edge", {2, 1})(x)) == Ints{0, 0, 0, 1, 2, 2});
    CHECK(ints(padded("wrap", {4, 1})(x)) == Ints{2, 0, 1, 2, 0, 1, 2, 0});
    CHECK(ints(padded("reflect", {1, 1})(counting({1}))) == Ints{0, 0, 0});
    CHECK(ints(padded("edge", {-1, 2})(x)) == Ints{1, 2, 2, 2});
    CHECK(ints(padded("wrap", {2, -1})(x)) == Ints{0, 1, 0, 1});
    CHECK(ints(padded("edge", {1, 0, 0, 0, 0, 1})(counting({1, 2, 2}))) ==
          Ints{0, 1, 1, 2, 3, 3, 0, 1, 1, 2, 3, 3});
}

TEST_CASE("Pad refuses what cannot be padded")
{
    const auto x = counting({2, 2});
    const auto infer = [&](const char* mode, Integers pads) {
        return padded(mode, std::move(pads)).infer({&x});
    };
    CHECK_THROWS_ERRC(infer("constant", {0, 0, 0}), errc::malformed_model);
    CHECK_THROWS_ERRC(infer("constant", {INT64_MAX, 0, INT64_MAX, 0}), errc::malformed_model);
    CHECK_THROWS_ERRC(infer("constant", {INT64_MIN, 0, 0, 0}), errc::malformed_model);
    CHECK_THROWS_ERRC(infer("constant", {-3, 0, 5, 0}), errc::invalid_shape);
    CHECK_THROWS_ERRC(infer("constant", {1 << 30, 1 << 30, 0, 0}), errc::invalid_shape);
    CHECK_THROWS_ERRC(infer("reflect", {-2, 0, 1, 0}), errc::invalid_shape);
    CHECK_THROWS_ERRC(infer("sideways", {0, 0, 0, 0}), errc::malformed_model);
    CHECK_THROWS_ERRC(padded("constant", {0, 0, 0, 0})(x, scalar<float>(0)), errc::malformed_model);
    CHECK_THROWS_ERRC(padded("constant", {0, 0, 0, 0})(x, x), errc::invalid_shape);
}

TEST_CASE("DepthToSpace in both orders of the channels, and back")
{
    const auto x = counting({1, 8, 1, 2}); // channel c holds 2c, 2c + 1
    const auto block = [](OpKind kind) { return Operator(kind).with("blocksize", std::int64_t{2}); };
    const auto dcr = block(OpKind::depth_to_space)(x);
    CHECK(dcr.shape() == Shape{1, 2, 2, 4});
    CHECK(ints(dcr) == Ints{0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15});
    CHECK(ints(block(OpKind::space_to_depth)(dcr)) == ints(x));
    const auto crd = block(OpKind::depth_to_space).with("mode", std::string("CRD"))(x);
    CHECK(ints(crd) == Ints{0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15});
    CHECK(block(OpKind::depth_to_space)(Tensor(DataType::int8, {0, 4, 3, 3})).shape() == Shape{0, 1, 6, 6});
}

TEST_CASE("DepthToSpace and SpaceToDepth refuse blocks that do not divide")
{
    const auto x = counting({1, 8, 3, 2});
    for (const auto kind : {OpKind::depth_to_space, OpKind::space_to_depth}) {
        const auto infer = [&](std::int64_t size, const Tensor& input) {
            return Operator(kind).with("blocksize", size).infer({&input});
        };
        CHECK_THROWS_ERRC(infer(3, x), errc::invalid_shape);
        CHECK_THROWS_ERRC(infer(0, x), errc::malformed_model);
        CHECK_THROWS_ERRC(infer(-2, x), errc::malformed_model);
        CHECK_THROWS_ERRC(infer(INT64_MAX, x), errc::malformed_model);
        CHECK_THROWS_ERRC(infer(2, counting({8, 2, 2})), errc::invalid_shape);
        const std::int64_t large = std::int64_t{1} << 58;
        CHECK_THROWS_ERRC(infer(1 << 20, kind == OpKind::depth_to_space
                                             ? Tensor(DataType::int8, {1, 0, large, 1})
                                             : Tensor(DataType::int8, {1, large, 0, 0})),
                          errc::invalid_shape);
    }
}
