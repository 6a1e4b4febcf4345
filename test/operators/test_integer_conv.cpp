#include "operators/run_operator.hpp"

#include <random>

using namespace furiosa;
using namespace furiosa::operators;

namespace {

struct Case
{
    std::int64_t batch, group, depth, channels; ///< the last two of a group
    std::int64_t extents[2], kernel[2], strides[2], dilations[2], pads[4];
};

Case random_case(std::mt19937& random)
{
    const auto pick = [&](std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>(least, most)(random);
    };
    Case c{pick(1, 2), pick(1, 3), pick(1, 3), pick(1, 3), {}, {}, {}, {}, {}};
    for (int i = 0; i != 2; ++i) {
        c.kernel[i] = pick(1, 3);
        c.strides[i] = pick(1, 4);
        c.dilations[i] = pick(1, 3);
        c.pads[i] = pick(0, 4);
        c.pads[i + 2] = pick(0, 4);
        const auto span = (c.kernel[i] - 1) * c.dilations[i] + 1;
        c.extents[i] = std::max<std::int64_t>(span - c.pads[i] - c.pads[i + 2], 1) + pick(0, 6);
    }
    return c;
}

template <class T>
Tensor random_bytes(const Shape& shape, std::mt19937& random)
{
    Tensor tensor(data_type_of<T>, shape);
    for (auto& value : tensor.as<T>())
        value = static_cast<T>(random());
    return tensor;
}

std::vector<std::int64_t> list(std::span<const std::int64_t> values)
{
    return {values.begin(), values.end()};
}

/// One element of the output, by the definition.
std::int32_t element(const Case& c, const Tensor& x, const Tensor& w, std::int32_t x_zero,
                     std::int32_t w_zero, std::int64_t n, std::int64_t m, std::int64_t row,
                     std::int64_t column)
{
    std::int32_t sum = 0;
    for (std::int64_t d = 0; d != c.depth; ++d)
        for (std::int64_t i = 0; i != c.kernel[0]; ++i)
            for (std::int64_t j = 0; j != c.kernel[1]; ++j) {
                const auto y = row * c.strides[0] - c.pads[0] + i * c.dilations[0];
                const auto z = column * c.strides[1] - c.pads[1] + j * c.dilations[1];
                if (y < 0 || z < 0 || y >= c.extents[0] || z >= c.extents[1])
                    continue;
                const auto plane = (n * c.group + m / c.channels) * c.depth + d;
                const auto at = (plane * c.extents[0] + y) * c.extents[1] + z;
                const auto tap = ((m * c.depth + d) * c.kernel[0] + i) * c.kernel[1] + j;
                sum += (x.as<std::uint8_t>()[static_cast<std::size_t>(at)] - x_zero) *
                       (w.as<std::int8_t>()[static_cast<std::size_t>(tap)] - w_zero);
            }
    return sum;
}

} // namespace

TEST_CASE("ConvInteger agrees with its definition, whatever the window")
{
    std::mt19937 random(7);
    for (int round = 0; round != 300; ++round) {
        const Case c = random_case(random);
        const auto m = c.group * c.channels;
        const auto x =
            random_bytes<std::uint8_t>({c.batch, c.group * c.depth, c.extents[0], c.extents[1]}, random);
        const auto w = random_bytes<std::int8_t>({m, c.depth, c.kernel[0], c.kernel[1]}, random);
        const auto x_zero = random_bytes<std::uint8_t>({}, random);
        const auto w_zero = random_bytes<std::int8_t>({m}, random);
        auto conv = Operator(OpKind::conv_integer);
        conv.with("group", c.group).with("strides", list(c.strides));
        conv.with("dilations", list(c.dilations)).with("pads", list(c.pads));
        const auto y = conv(x, w, x_zero, w_zero);
        const auto* out = y.as<std::int32_t>().data();
        for (std::int64_t i = 0; i != y.shape().element_count(); ++i) {
            const auto columns = y.shape()[3], rows = y.shape()[2];
            const auto channel = i / columns / rows % m;
            const auto zero = w_zero.as<std::int8_t>()[static_cast<std::size_t>(channel)];
            REQUIRE(out[i] == element(c, x, w, x_zero.as<std::uint8_t>()[0], zero, i / columns / rows / m,
                                      channel, i / columns % rows, i % columns));
        }
    }
}
