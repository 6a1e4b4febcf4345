#pragma once

#include "zoo/moments.hpp"
#include "zoo/random_weights.hpp"
#include "zoo/zoo.hpp"

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace zoo {

/// A tensor of the network that is being built, of a batch of one.
struct Value
{
    std::string name;
    std::int64_t channels = 0;
    std::int64_t height = 1;
    std::int64_t width = 1;
    /// The weights behind it are scaled by this, so that each convolution makes elements of mean 0 and of the
    /// variance that was asked for: He's initialisation, with residual sums and gates taken into account.
    Moments elements;
};

enum class Padding
{
    half, ///< (kernel - 1) / 2 on each side, as PyTorch's models have it
    same, ///< TensorFlow's SAME: as little as makes the output input / stride, the odd pixel at the end
    none,
};

struct ConvOptions
{
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    std::int64_t groups = 1;
    Padding padding = Padding::half;
    bool bias = true;
    /// The variance of what it makes.
    double gain = 1;
};

/// For the end of a residual branch: less than what goes beside it, as training has it. Else each block would
/// multiply rounding errors, and the output of a deep network would consist of them.
inline constexpr double residual_gain = 0.1;

/// Writes a network operator by operator, with the nodes and names that exporters choose.
class OnnxBuilder
{
public:
    /// The property of the model that holds the multiplications of its convolutions and matrix products.
    static constexpr const char* multiplications_key = "multiplications";

    OnnxBuilder(const std::string& name, const Options& options);

    /// The image, of three channels. Both sides are to be multiples of `multiple`, also when Options changes
    /// them.
    Value input(std::int64_t height, std::int64_t width, std::int64_t multiple = 1);
    /// A number of channels after Options::width.
    std::int64_t scaled(std::int64_t channels) const;

    Value conv(const Value& x, std::int64_t channels, const ConvOptions& options = {});
    /// Makes larger elements than conv does, of variance 9. At 1, SiLU is so far from linear that an image
    /// which is a little brighter grows from layer to layer, and the sixtieth explodes.
    Value conv_silu(const Value& x, std::int64_t channels, ConvOptions options = {});
    /// Of a convolution without bias: its statistics are those that the convolution would have.
    Value batch_norm(const Value& x, double gain = 1);
    Value max_pool(const Value& x, std::int64_t kernel, std::int64_t stride, Padding padding = Padding::half);
    Value global_average_pool(const Value& x);
    /// Flattens, and multiplies by a matrix.
    Value linear(const Value& x, std::int64_t features);

    Value relu(const Value& x);
    Value relu6(const Value& x);
    Value sigmoid(const Value& x);
    Value silu(const Value& x);

    Value add(const Value& a, const Value& b);
    /// `gate` lies between 0 and 1; it may be of one place, for all.
    Value multiply(const Value& x, const Value& gate);
    /// With a parameter for each channel.
    Value add_parameter(const Value& x);
    Value multiply_by_parameter(const Value& x);

    /// Along the channels.
    Value concat(const std::vector<Value>& parts);
    /// Every second row (axis 2) or column (axis 3), from `begin` on.
    Value every_second(const Value& x, int axis, std::int64_t begin);
    /// Nearest neighbour, twice the size.
    Value upsample(const Value& x);

    /// Makes `x` an output of that name. Nothing can be built on `x` afterwards.
    void output(const Value& x, const std::string& name);
    onnx::ModelProto finish();

private:
    struct Window
    {
        std::array<std::int64_t, 4> pads; ///< top, left, bottom, right
        std::int64_t height;
        std::int64_t width;
    };

    static Window slide(const Value& x, std::int64_t kernel, std::int64_t stride, Padding padding);
    onnx::NodeProto& node(const std::string& op, std::initializer_list<std::string> inputs);
    Value unary(const std::string& op, const Value& x, const Moments& elements);
    Value per_channel(const std::string& op, const Value& x, double mean);
    std::string weight(const std::string& name, std::initializer_list<std::int64_t> shape,
                       std::span<const float> elements);
    std::string integers(const std::string& name, std::initializer_list<std::int64_t> elements);
    void describe(onnx::ValueInfoProto& info, const Value& x) const;

    onnx::ModelProto model_;
    onnx::GraphProto& graph_;
    Options options_;
    RandomWeights random_;
    std::int64_t multiplications_ = 0;
};

} // namespace zoo
