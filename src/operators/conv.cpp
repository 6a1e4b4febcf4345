#include "operators/activation.hpp"
#include "operators/checked_shape.hpp"
#include "operators/neural.hpp"
#include "operators/product_tile.hpp"
#include "operators/spatial_axes.hpp"

#include <algorithm>

namespace furiosa::operators {

namespace {

Window window_for(const Operation& operation, const Shape& x, const Shape& w)
{
    return window_of(operation, x, {w.begin() + 2, w.end()});
}

std::vector<TensorType> output_types(const Question& question)
{
    for (std::size_t i = 0; i != 4; ++i)
        if (i < 2 || question.has(i))
            question.require_type(i, {DataType::float32});
    require_spatial_axes(question);
    require_known_activation(question);
    const auto& x = question.shape(0);
    const auto& w = question.shape(1);
    if (w.rank() != x.rank())
        question.fail("the weights {} have another rank than the input {}", to_string(w), to_string(x));
    const auto window = window_for(question.operation(), x, w);
    if (!std::equal(window.kernel.begin(), window.kernel.end(), w.begin() + 2))
        question.fail("kernel_shape is not that of the weights {}", to_string(w));
    const auto group = question.attributes().integer("group", 1);
    if (group < 1 || x[1] % group != 0 || w[0] % group != 0 || w[1] != x[1] / group)
        question.fail("{} groups do not divide input {} and weights {}", group, to_string(x), to_string(w));
    if (question.has(2) && question.shape(2) != Shape{w[0]})
        question.fail("the bias has shape {} instead of [{}]", to_string(question.shape(2)), w[0]);
    std::vector<std::int64_t> extents{x[0], w[0]};
    extents.insert(extents.end(), window.output.begin(), window.output.end());
    const auto y = checked_shape(question, extents);
    if (question.has(3) && question.shape(3) != y)
        question.fail("the residual has shape {} instead of {}", to_string(question.shape(3)), to_string(y));
    return {{DataType::float32, y}};
}

/// A tap of the window as the pixels of a tile see it.
struct Tap
{
    std::int64_t offset; ///< of the first pixel's element in a plane of the input
    std::int64_t weight; ///< index in the kernel
    int first;           ///< the pixels for which it is not in the padding
    int last;
};

/// Whatever does not change during a convolution.
struct Plan
{
    SpatialAxes axes;
    std::int64_t channels; ///< of the input, in a group
    std::int64_t taps;
    std::int64_t input_plane;
    std::int64_t output_plane;
    std::vector<IndexRange>
        columns; ///< for each tap along a row, where in a row of the output it has an element

    Plan(const Window& window, const Shape& x, const Shape& w)
        : axes(spatial_axes(window, x)),
          channels(w[1]),
          taps(1),
          input_plane(1),
          output_plane(1)
    {
        const auto is_plain = [](const SpatialAxis& axis) {
            return axis.kernel == 1 && axis.stride == 1 && axis.extent == axis.output;
        };
        if (std::ranges::all_of(axes, is_plain)) { // rows of a plane are as good as one: 1x1 convolutions
            const auto size = axes[0].extent * axes[1].extent * axes[2].extent;
            axes = {};
            axes[2].extent = axes[2].output = size;
        }
        for (const auto& axis : axes) {
            taps *= axis.kernel;
            input_plane *= axis.extent;
            output_plane *= axis.output;
        }
        for (std::int64_t tap = 0; tap != axes[2].kernel; ++tap)
            columns.push_back(axes[2].outputs_inside(tap));
    }
};

/// What the outputs of one image and group are computed from; null if there is none.
struct Operands
{
    const float* input;
    const float* weights;
    const float* bias;
    const float* residual;
    float* output;
};

/// A convolution in tiles of so many output channels by so many pixels of a row.
template <int pixels, int lanes>
class Convolution
{
    using Tile = ProductTile<float, pixels, lanes>;
    using Sums = typename Tile::Sums;

public:
    explicit Convolution(const Plan& plan)
        : plan_(plan),
          weights_(static_cast<std::size_t>(plan.channels * plan.taps * lanes))
    {
    }

    /// Output channels from `channel` to `channel + count`, at most as many as lanes.
    void run(const Operands& operands, std::int64_t channel, std::int64_t count)
    {
        pack(operands.weights + channel * plan_.channels * plan_.taps, count);
        const auto& [depth, height, width] = plan_.axes;
        for (std::int64_t d = 0; d != depth.output; ++d)
            for (std::int64_t h = 0; h != height.output; ++h)
                for (std::int64_t column = 0; column < width.output; column += pixels) {
                    Sums sums;
                    if (plan_.channels != 0) { // without weights a kernel may be of any extent
                        find_taps(d, h, column);
                        accumulate(operands.input, sums);
                    }
                    const auto at = (d * height.output + h) * width.output + column;
                    store(sums, operands, channel, count, at,
                          std::min<std::int64_t>(pixels, width.output - column));
                }
    }

private:
    /// The weights of the lanes beside each other; those of lanes that are not used are zero.
    void pack(const float* weights, std::int64_t count)
    {
        const auto size = plan_.channels * plan_.taps;
        std::ranges::fill(weights_, 0.f);
        for (std::int64_t lane = 0; lane != count; ++lane)
            for (std::int64_t i = 0; i != size; ++i)
                weights_[static_cast<std::size_t>(i * lanes + lane)] = weights[lane * size + i];
    }

    void find_taps(std::int64_t d, std::int64_t h, std::int64_t column)
    {
        const auto& [depth, height, width] = plan_.axes;
        const auto in_depth = depth.taps_inside(d);
        const auto in_height = height.taps_inside(h);
        taps_.clear();
        for (auto i = in_depth.first; i < in_depth.last; ++i)
            for (auto j = in_height.first; j < in_height.last; ++j)
                for (std::int64_t k = 0; k != width.kernel; ++k) {
                    const auto& columns = plan_.columns[static_cast<std::size_t>(k)];
                    const auto first = std::max<std::int64_t>(columns.first - column, 0);
                    const auto last = std::min<std::int64_t>(columns.last - column, pixels);
                    if (first >= last)
                        continue;
                    const auto row = depth.position(d, i) * height.extent + height.position(h, j);
                    taps_.push_back({row * width.extent + width.position(column, k),
                                     (i * height.kernel + j) * width.kernel + k, static_cast<int>(first),
                                     static_cast<int>(last)});
                }
    }

    void accumulate(const float* input, Sums& sums) const
    {
        Tile tile;
        const auto stride = plan_.axes[2].stride;
        const auto taps = static_cast<std::int64_t>(taps_.size());
        const auto step = std::max<std::int64_t>(Tile::most_products / std::max<std::int64_t>(taps, 1), 1);
        for (std::int64_t begin = 0; begin < plan_.channels; begin += step) {
            for (auto c = begin; c != std::min(begin + step, plan_.channels); ++c) {
                const auto* plane = input + c * plan_.input_plane;
                const auto* weights = weights_.data() + c * plan_.taps * lanes;
                for (const auto& tap : taps_) {
                    float values[pixels];
                    if (tap.first == 0 && tap.last == pixels)
                        for (int p = 0; p != pixels; ++p)
                            values[p] = plane[tap.offset + p * stride];
                    else
                        for (int p = 0; p != pixels; ++p)
                            values[p] = p >= tap.first && p < tap.last ? plane[tap.offset + p * stride] : 0;
                    tile.add(values, weights + tap.weight * lanes);
                }
            }
            tile.settle(sums);
        }
    }

    void store(const Sums& sums, const Operands& operands, std::int64_t channel, std::int64_t count,
               std::int64_t at, std::int64_t width) const
    {
        for (std::int64_t lane = 0; lane != count; ++lane) {
            const auto begin = (channel + lane) * plan_.output_plane + at;
            const double bias = operands.bias ? operands.bias[channel + lane] : 0;
            for (std::int64_t p = 0; p != width; ++p) {
                const double sum = sums.at[p][lane] + bias;
                operands.output[begin + p] =
                    static_cast<float>(operands.residual ? sum + operands.residual[begin + p] : sum);
            }
        }
    }

    const Plan& plan_;
    std::vector<float> weights_;
    std::vector<Tap> taps_;
};

template <int pixels, int lanes>
void convolve(const Work& work, const Plan& plan)
{
    const auto& y = work.outputs[0];
    const auto group = work.attributes().integer("group", 1);
    const auto outputs = y.shape()[1] / group;
    const auto optional = [&](std::size_t i) {
        return work.has(i) ? work.inputs[i].as<float>().data() : nullptr;
    };
    const auto* bias = optional(2);
    const auto* residual = optional(3);
    Convolution<pixels, lanes> convolution(plan);
    for (std::int64_t i = 0; i != y.shape()[0] * group; ++i) {
        const auto g = i % group;
        const auto at = i * outputs * plan.output_plane;
        const Operands operands{work.inputs[0].as<float>().data() + i * plan.channels * plan.input_plane,
                                work.inputs[1].as<float>().data() + g * outputs * plan.channels * plan.taps,
                                bias ? bias + g * outputs : nullptr, residual ? residual + at : nullptr,
                                y.as<float>().data() + at};
        for (std::int64_t channel = 0; channel < outputs; channel += lanes)
            convolution.run(operands, channel, std::min<std::int64_t>(lanes, outputs - channel));
    }
}

void compute(const Work& work)
{
    const auto& y = work.outputs[0];
    if (y.size_in_bytes() == 0)
        return;
    const auto& x = work.inputs[0].shape();
    const auto& w = work.inputs[1].shape();
    const Plan plan(window_for(work.operation, x, w), x, w);
    if (y.shape()[1] == work.attributes().integer("group", 1)) // depthwise: there is but one lane
        convolve<8, 1>(work, plan);
    else
        convolve<4, 8>(work, plan);
    activate(work.attributes(), y.as<float>());
}

} // namespace

const Definition conv{2, 4, 1, output_types, compute};

} // namespace furiosa::operators
