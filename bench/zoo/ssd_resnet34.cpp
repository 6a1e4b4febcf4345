#include "zoo/architectures.hpp"
#include "zoo/onnx_builder.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace zoo {

namespace {

constexpr std::int64_t classes = 81; // with the background
constexpr std::array<std::int64_t, 6> anchors{4, 6, 6, 6, 4, 4};

Value conv_norm(OnnxBuilder& net, const Value& x, std::int64_t channels, ConvOptions options)
{
    const auto gain = std::exchange(options.gain, 1); // the normalisation has it
    options.bias = false;
    return net.batch_norm(net.conv(x, channels, options), gain);
}

Value basic_block(OnnxBuilder& net, const Value& x, std::int64_t channels, std::int64_t stride)
{
    auto y = net.relu(conv_norm(net, x, channels, {.kernel = 3, .stride = stride}));
    y = conv_norm(net, y, channels, {.kernel = 3, .gain = residual_gain});
    const bool same_shape = stride == 1 && x.channels == channels;
    return net.relu(net.add(y, same_shape ? x : conv_norm(net, x, channels, {.stride = stride})));
}

/// Three stages of ResNet34, the third without its stride: an eighth of the image.
Value backbone(OnnxBuilder& net)
{
    auto x = net.relu(conv_norm(net, net.input(1200, 1200), net.scaled(64), {.kernel = 7, .stride = 2}));
    x = net.max_pool(x, 3, 2);
    for (int i = 0; i != 3; ++i)
        x = basic_block(net, x, net.scaled(64), 1);
    for (int i = 0; i != 4; ++i)
        x = basic_block(net, x, net.scaled(128), i == 0 ? 2 : 1);
    for (int i = 0; i != 6; ++i)
        x = basic_block(net, x, net.scaled(256), 1);
    return x;
}

/// A step to the next feature map.
Value shrink(OnnxBuilder& net, const Value& x, std::int64_t channels, std::int64_t stride, Padding padding)
{
    // Of a small image, what is made without padding would vanish.
    if (std::min(x.height, x.width) < 7)
        padding = Padding::half;
    const auto y = net.relu(net.conv(x, net.scaled(channels / 2)));
    return net.relu(net.conv(y, net.scaled(channels), {.kernel = 3, .stride = stride, .padding = padding}));
}

/// The feature maps, of 150, 75, 38, 19, 9 and 7 rows.
std::vector<Value> features(OnnxBuilder& net)
{
    std::vector<Value> maps{backbone(net)};
    maps.push_back(shrink(net, maps.back(), 512, 2, Padding::half));
    maps.push_back(shrink(net, maps.back(), 512, 2, Padding::half));
    maps.push_back(shrink(net, maps.back(), 256, 2, Padding::half));
    maps.push_back(shrink(net, maps.back(), 256, 2, Padding::none));
    maps.push_back(shrink(net, maps.back(), 256, 1, Padding::none));
    return maps;
}

} // namespace

onnx::ModelProto ssd_resnet34(const Options& options)
{
    OnnxBuilder net("ssd_resnet34", options);
    const auto maps = features(net);
    // The heads look at every third place: 50, 25, 13, 7, 3 and 3 rows.
    const ConvOptions head{.kernel = 3, .stride = 3};
    for (std::size_t i = 0; i != maps.size(); ++i)
        net.output(net.conv(maps[i], classes * anchors[i], head), "class_" + std::to_string(i));
    for (std::size_t i = 0; i != maps.size(); ++i)
        net.output(net.conv(maps[i], 4 * anchors[i], head), "box_" + std::to_string(i));
    return net.finish();
}

} // namespace zoo
