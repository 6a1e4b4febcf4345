#include "operators/run_operator.hpp"

#include <array>
#include <cmath>
#include <random>

using namespace furiosa;
using namespace furiosa::operators;

namespace {

using Integers = std::vector<std::int64_t>;
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

struct Geometry
{
    Integers input; ///< spatial extents
    Integers kernel;
    Integers strides, dilations, pads;
    std::int64_t channels, outputs, group;
};

Operator with_geometry(OpKind kind, const Geometry& geometry)
{
    return Operator(kind)
        .with("strides", geometry.strides)
        .with("dilations", geometry.dilations)
        .with("pads", geometry.pads)
        .with("group", geometry.group);
}

Shape shape_of(std::int64_t first, std::int64_t second, const Integers& spatial)
{
    Integers extents{first, second};
    extents.insert(extents.end(), spatial.begin(), spatial.end());
    return Shape(extents);
}

/// Calls `visit(index)` for all indices of a shape, in order.
template <class Visit>
void for_each(const Integers& extents, Visit visit)
{
    for (const auto extent : extents)
        if (extent == 0)
            return;
    Integers index(extents.size());
    for (;;) {
        visit(index);
        auto axis = index.size();
        while (axis != 0 && ++index[axis - 1] == extents[axis - 1])
            index[--axis] = 0;
        if (axis == 0)
            return;
    }
}

std::size_t flat(const Integers& index, const Integers& extents)
{
    std::int64_t result = 0;
    for (std::size_t i = 0; i != index.size(); ++i)
        result = result * extents[i] + index[i];
    return static_cast<std::size_t>(result);
}

/// Calls `visit(small, tap, large)` for every tap of a window that slides over `large` extents and stands at
/// `small` places: the positions in planes that a convolution connects.
template <class Visit>
void for_each_tap(const Geometry& g, const Integers& small, const Integers& large, Visit visit)
{
    for_each(small, [&](const Integers& at) {
        for_each(g.kernel, [&](const Integers& tap) {
            Integers position(at.size());
            for (std::size_t i = 0; i != at.size(); ++i) {
                position[i] = at[i] * g.strides[i] + tap[i] * g.dilations[i] - g.pads[i];
                if (position[i] < 0 || position[i] >= large[i])
                    return;
            }
            visit(flat(at, small), flat(tap, g.kernel), flat(position, large));
        });
    });
}

std::size_t product(const Integers& extents)
{
    std::size_t result = 1;
    for (const auto extent : extents)
        result *= static_cast<std::size_t>(extent);
    return result;
}

/// A convolution by its definition, or the transposed one, for a batch of `images`.
Floats convolve(const Geometry& g, bool transposed, const Tensor& x, const Tensor& w, const Integers& spatial)
{
    const auto inputs_of_group = static_cast<std::size_t>(g.channels / g.group);
    const auto outputs_of_group = static_cast<std::size_t>(g.outputs / g.group);
    const auto taps = product(g.kernel), x_plane = product(g.input), y_plane = product(spatial);
    const auto images = static_cast<std::size_t>(x.shape()[0]), groups = static_cast<std::size_t>(g.group);
    Floats y(images * groups * outputs_of_group * y_plane);
    for (std::size_t block = 0; block != images * groups; ++block)
        for (std::size_t m = 0; m != outputs_of_group; ++m)
            for (std::size_t c = 0; c != inputs_of_group; ++c) {
                const auto group = block % groups;
                const auto kernel = transposed ? (group * inputs_of_group + c) * outputs_of_group + m
                                               : (group * outputs_of_group + m) * inputs_of_group + c;
                const auto* from = x.as<float>().data() + (block * inputs_of_group + c) * x_plane;
                const auto* weights = w.as<float>().data() + kernel * taps;
                auto* to = y.data() + (block * outputs_of_group + m) * y_plane;
                for_each_tap(g, transposed ? g.input : spatial, transposed ? spatial : g.input,
                             [&](std::size_t small, std::size_t tap, std::size_t large) {
                                 to[transposed ? large : small] +=
                                     from[transposed ? small : large] * weights[tap];
                             });
            }
    return y;
}

Integers spatial_of(const Tensor& tensor)
{
    return {tensor.shape().begin() + 2, tensor.shape().end()};
}

const std::vector<Geometry> geometries{
    {{9}, {3}, {1}, {1}, {1, 1}, 3, 5, 1},
    {{20}, {3}, {2}, {3}, {0, 4}, 4, 10, 2},
    {{7, 7}, {3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}, 4, 9, 1},
    {{5, 4}, {1, 1}, {1, 1}, {1, 1}, {0, 0, 0, 0}, 5, 17, 1},
    {{5, 6}, {1, 1}, {2, 2}, {1, 1}, {1, 0, 0, 2}, 3, 8, 1},
    {{11, 8}, {3, 2}, {2, 3}, {2, 1}, {0, 2, 3, 1}, 6, 9, 3},
    {{6, 23}, {3, 3}, {1, 2}, {1, 1}, {1, 1, 1, 1}, 6, 6, 6}, // depthwise
    {{5, 5}, {3, 3}, {1, 1}, {1, 1}, {2, 2, 2, 2}, 3, 6, 3},
    {{4, 5, 6}, {2, 3, 2}, {1, 2, 1}, {2, 1, 1}, {1, 0, 1, 0, 1, 2}, 2, 4, 2},
    {{1, 1}, {2, 2}, {1, 1}, {3, 3}, {3, 3, 3, 3}, 1, 1, 1}, // windows between the elements
};

} // namespace

TEST_CASE("Conv agrees with its definition in one to three dimensions")
{
    for (const auto& g : geometries) {
        const auto x = random_integers(shape_of(2, g.channels, g.input), 1);
        const auto w = random_integers(shape_of(g.outputs, g.channels / g.group, g.kernel), 2);
        const auto y = with_geometry(OpKind::conv, g)(x, w);
        CHECK(y.shape()[1] == g.outputs);
        CHECK(floats(y) == convolve(g, false, x, w, spatial_of(y)));
    }
}

TEST_CASE("ConvTranspose agrees with its definition in one to three dimensions")
{
    for (const auto& g : geometries) {
        if (g.input == Integers{1, 1})
            continue; // nothing would be left between the pads
        const auto x = random_integers(shape_of(2, g.channels, g.input), 1);
        const auto w = random_integers(shape_of(g.channels, g.outputs / g.group, g.kernel), 2);
        const auto y = with_geometry(OpKind::conv_transpose, g)(x, w);
        CHECK(y.shape()[1] == g.outputs);
        CHECK(floats(y) == convolve(g, true, x, w, spatial_of(y)));
    }
}

TEST_CASE("Conv adds bias and residual before its activation")
{
    const auto x = tensor<float>({1, 1, 1, 2}, {1, -2});
    const auto w = tensor<float>({2, 1, 1, 1}, {1, 2});
    const auto bias = tensor<float>({2}, {0.5f, -1});
    const auto residual = tensor<float>({1, 2, 1, 2}, {1, 1, -3, 10});
    CHECK(floats(Operator(OpKind::conv)(x, w, bias, residual)) == Floats{2.5f, -0.5f, -2, 5});
    CHECK(floats(Operator(OpKind::conv)(x, w, nullptr, residual)) == Floats{2, -1, -1, 6});
    const auto conv = [&](const char* activation) {
        return Operator(OpKind::conv).with("activation", std::string(activation));
    };
    CHECK(floats(conv("Relu")(x, w, bias, residual)) == Floats{2.5f, 0, 0, 5});
    CHECK(floats(conv("Clip").with("min", -1.f).with("max", 3.f)(x, w, bias, residual)) ==
          Floats{2.5f, -0.5f, -1, 3});
    CHECK(floats(conv("LeakyRelu").with("alpha", 0.5f)(x, w, bias, residual)) == Floats{2.5f, -0.25f, -1, 5});
    CHECK(floats(conv("HardSwish")(x, w, bias, residual))[3] == 5);
    CHECK(floats(conv("Sigmoid")(x, w, bias))[0] == Approx(1 / (1 + std::exp(-1.5))));
    CHECK(floats(conv("Silu")(x, w, bias))[0] == Approx(1.5 / (1 + std::exp(-1.5))));
    CHECK(floats(conv("Gelu")(x, w))[1] == Approx(-2 * 0.0227501319));
    CHECK(floats(conv("Elu").with("alpha", 2.f)(x, w))[1] == Approx(2 * std::expm1(-2)));
    CHECK(floats(conv("Tanh")(x, w))[0] == Approx(std::tanh(1.)));
    CHECK_THROWS_ERRC(conv("Softmax")(x, w), errc::unsupported_operator);
    CHECK_THROWS_ERRC(conv("Thing")(x, w), errc::unsupported_operator);
}

TEST_CASE("Conv sums long products exactly enough")
{
    const Shape shape{1, 3000, 1, 1};
    Tensor x(DataType::float32, shape), w(DataType::float32, shape);
    std::mt19937 random(3);
    std::uniform_real_distribution<float> numbers(0, 1);
    double expected = 0;
    for (std::size_t i = 0; i != 3000; ++i) {
        x.as<float>()[i] = numbers(random);
        w.as<float>()[i] = numbers(random);
        expected += double(x.as<float>()[i]) * w.as<float>()[i];
    }
    CHECK(floats(Operator(OpKind::conv)(x, w))[0] == Approx(expected).epsilon(1e-6));
}

TEST_CASE("Conv pads by itself, and of nothing makes its bias")
{
    const auto x = tensor<float>({1, 1, 4}, {1, 2, 3, 4});
    const auto w = tensor<float>({1, 1, 2}, {1, 10});
    const auto conv = [](const char* pad) {
        return Operator(OpKind::conv).with("auto_pad", std::string(pad));
    };
    CHECK(floats(conv("SAME_UPPER")(x, w)) == Floats{21, 32, 43, 4});
    CHECK(floats(conv("SAME_LOWER")(x, w)) == Floats{10, 21, 32, 43});
    CHECK(floats(conv("VALID")(x, w)) == Floats{21, 32, 43});
    const Tensor no_channels(DataType::float32, {1, 0, 3}), no_weights(DataType::float32, {2, 0, 2});
    CHECK(floats(Operator(OpKind::conv)(no_channels, no_weights, tensor<float>({2}, {1, 2}))) ==
          Floats{1, 1, 2, 2});
    CHECK(Operator(OpKind::conv)(Tensor(DataType::float32, {0, 1, 4}), w).shape() == Shape{0, 1, 3});
    // As large as kernels may be: without channels they have no weights that could bound them.
    const Tensor wide(DataType::float32, {1, 0, 1 << 20, 1 << 20}),
        widest(DataType::float32, {1, 0, 1 << 20, 1 << 20});
    CHECK(floats(Operator(OpKind::conv)(wide, widest)) == Floats{0});
}

TEST_CASE("Conv refuses what it cannot compute safely")
{
    const auto x = random_integers({1, 4, 5, 5}, 1);
    const auto w = random_integers({6, 2, 3, 3}, 2);
    const auto conv = [] { return Operator(OpKind::conv).with("group", std::int64_t{2}); };
    CHECK(conv().infer({&x, &w})[0].shape == Shape{1, 6, 3, 3});
    CHECK_THROWS_ERRC(Operator(OpKind::conv).infer({&x, &w}), errc::invalid_shape);
    for (const std::int64_t group :
         {std::int64_t{0}, std::int64_t{-1}, std::int64_t{3}, std::int64_t{4}, INT64_MIN})
        CHECK_THROWS_ERRC(conv().with("group", group).infer({&x, &w}), errc::invalid_shape);
    CHECK_THROWS_ERRC(conv().with("strides", Integers{-1, 1}).infer({&x, &w}), errc::malformed_model);
    CHECK_THROWS_ERRC(conv().with("strides", Integers{1}).infer({&x, &w}), errc::malformed_model);
    CHECK_THROWS_ERRC(conv().with("dilations", Integers{0, 1}).infer({&x, &w}), errc::malformed_model);
    CHECK_THROWS_ERRC(conv().with("dilations", Integers{9, 1}).infer({&x, &w}), errc::invalid_shape);
    CHECK_THROWS_ERRC(conv().with("pads", Integers{INT64_MAX, 0, 0, 0}).infer({&x, &w}),
                      errc::malformed_model);
    CHECK_THROWS_ERRC(conv().with("pads", Integers{0, 0, -1, 0}).infer({&x, &w}), errc::malformed_model);
    CHECK_THROWS_ERRC(conv().with("kernel_shape", Integers{3, 2}).infer({&x, &w}), errc::invalid_shape);
    CHECK_THROWS_ERRC(conv().with("auto_pad", std::string("SOME")).infer({&x, &w}), errc::malformed_model);
    const auto flat_weights = random_integers({6, 2, 9}, 1), bias = random_integers({5}, 1);
    CHECK_THROWS_ERRC(conv().infer({&x, &flat_weights}), errc::invalid_shape);
    CHECK_THROWS_ERRC(conv().infer({&x, &w, &bias}), errc::invalid_shape);
    CHECK_THROWS_ERRC(conv().infer({&x, &w, nullptr, &x}), errc::invalid_shape);
    CHECK_THROWS_ERRC(conv().infer({&x}), errc::malformed_model);
    const Tensor bytes(DataType::uint8, {1, 4, 5, 5}), matrix(DataType::float32, {4, 4}),
        deep(DataType::float32, {1, 4, 1, 1, 1, 1});
    CHECK_THROWS_ERRC(conv().infer({&bytes, &w}), errc::unsupported_operator);
    CHECK_THROWS_ERRC(conv().infer({&matrix, &w}), errc::invalid_shape);
    CHECK_THROWS_ERRC(conv().infer({&deep, &w}), errc::unsupported_operator);
}

TEST_CASE("ConvTranspose derives its pads from the output that is asked for")
{
    const auto x = tensor<float>({1, 1, 3}, {1, 2, 3});
    const auto w = tensor<float>({1, 1, 3}, {1, 10, 100});
    const auto op = [] { return Operator(OpKind::conv_transpose).with("strides", Integers{2}); };
    const Floats whole{1, 10, 102, 20, 203, 30, 300};
    CHECK(floats(op()(x, w)) == whole);
    CHECK(floats(op()(x, w, tensor<float>({1}, {1000}))).front() == 1001);
    CHECK(floats(op().with("pads", Integers{1, 2})(x, w)) == Floats{10, 102, 20, 203});
    CHECK(floats(op().with("output_padding", Integers{1})(x, w)) == Floats{1, 10, 102, 20, 203, 30, 300, 0});
    CHECK(floats(op().with("output_shape", Integers{6})(x, w)) == Floats(whole.begin() + 1, whole.end()));
    CHECK(floats(op().with("output_shape", Integers{8})(x, w)).size() == 8);
    CHECK(floats(op().with("auto_pad", std::string("SAME_UPPER"))(x, w)) ==
          Floats(whole.begin(), whole.end() - 1));
    CHECK(floats(op().with("auto_pad", std::string("SAME_LOWER"))(x, w)) ==
          Floats(whole.begin() + 1, whole.end()));
    CHECK(floats(op()(Tensor(DataType::float32, {1, 0, 3}), Tensor(DataType::float32, {0, 1, 3}))) ==
          Floats(7));
    CHECK(op()(Tensor(DataType::float32, {0, 1, 3}), w).shape() == Shape{0, 1, 7});
}

TEST_CASE("ConvTranspose adds its bias before its activation")
{
    const auto x = tensor<float>({1, 1, 2}, {1, -2});
    const auto w = tensor<float>({1, 2, 1}, {1, 2});
    const auto bias = tensor<float>({2}, {0.5f, -1});
    const auto op = [](const char* activation) {
        return Operator(OpKind::conv_transpose).with("activation", std::string(activation));
    };
    CHECK(floats(op("Relu")(x, w, bias)) == Floats{1.5f, 0, 1, 0});
    CHECK(floats(op("LeakyRelu").with("alpha", 0.5f)(x, w, bias)) == Floats{1.5f, -0.75f, 1, -2.5f});
    CHECK_THROWS_ERRC(op("Softmax")(x, w), errc::unsupported_operator);
}

TEST_CASE("ConvTranspose refuses what it cannot compute safely")
{
    const auto x = random_integers({1, 4, 5}, 1);
    const auto w = random_integers({4, 3, 3}, 2);
    const auto op = [] { return Operator(OpKind::conv_transpose); };
    CHECK(op().with("group", std::int64_t{2}).infer({&x, &w})[0].shape == Shape{1, 6, 7});
    for (const std::int64_t group : {std::int64_t{0}, std::int64_t{-2}, std::int64_t{3}, INT64_MAX})
        CHECK_THROWS_ERRC(op().with("group", group).infer({&x, &w}), errc::invalid_shape);
    CHECK_THROWS_ERRC(op().with("strides", Integers{0}).infer({&x, &w}), errc::malformed_model);
    CHECK_THROWS_ERRC(op().with("strides", Integers{INT64_MAX}).infer({&x, &w}), errc::malformed_model);
    CHECK_THROWS_ERRC(op().with("pads", Integers{4, 4}).infer({&x, &w}), errc::invalid_shape);
    CHECK_THROWS_ERRC(op().with("pads", Integers{-1, 0}).infer({&x, &w}), errc::malformed_model);
    CHECK_THROWS_ERRC(op().with("output_padding", Integers{-1}).infer({&x, &w}), errc::malformed_model);
    CHECK_THROWS_ERRC(op().with("output_shape", Integers{-1}).infer({&x, &w}), errc::malformed_model);
    CHECK_THROWS_ERRC(op().with("output_shape", Integers{1, 1}).infer({&x, &w}), errc::malformed_model);
    CHECK_THROWS_ERRC(op().with("kernel_shape", Integers{4}).infer({&x, &w}), errc::invalid_shape);
    const auto three = random_integers({3, 3, 3}, 1), bias = random_integers({4}, 1);
    CHECK_THROWS_ERRC(op().infer({&x, &three}), errc::invalid_shape);
    CHECK_THROWS_ERRC(op().infer({&x, &w, &bias}), errc::invalid_shape);
    const Tensor endless(DataType::float32, {0, 4, std::int64_t{1} << 56});
    CHECK_THROWS_ERRC(op().with("strides", Integers{1 << 20}).infer({&endless, &w}), errc::invalid_shape);
    const Tensor hollow(DataType::float32, {4, 3, 0});
    CHECK_THROWS_ERRC(op().infer({&x, &hollow}), errc::invalid_shape);
}
