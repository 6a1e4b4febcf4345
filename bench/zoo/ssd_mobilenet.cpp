#include "zoo/architectures.hpp"
#include "zoo/onnx_builder.hpp"

namespace zoo {

namespace {

constexpr std::int64_t classes = 91; // with the background

/// As TensorFlow's exports have it: padding SAME, the normalisation in a node of its own.
Value conv_norm_relu6(OnnxBuilder& net, const Value& x, std::int64_t channels, ConvOptions options)
{
    options.padding = Padding::same;
    options.bias = false;
    return net.relu6(net.batch_norm(net.conv(x, channels, options)));
}

Value separable(OnnxBuilder& net, const Value& x, std::int64_t channels, std::int64_t stride)
{
    const auto y = conv_norm_relu6(net, x, x.channels, {.kernel = 3, .stride = stride, .groups = x.channels});
    return conv_norm_relu6(net, y, net.scaled(channels), {});
}

/// The six feature maps, of 19, 10, 5, 3, 2 and 1 rows.
std::vector<Value> features(OnnxBuilder& net)
{
    auto x = conv_norm_relu6(net, net.input(300, 300), net.scaled(32), {.kernel = 3, .stride = 2});
    x = separable(net, x, 64, 1);
    for (const std::int64_t channels : {128, 256}) {
        x = separable(net, x, channels, 2);
        x = separable(net, x, channels, 1);
    }
    x = separable(net, x, 512, 2);
    for (int i = 0; i != 5; ++i)
        x = separable(net, x, 512, 1);
    std::vector<Value> maps{x};
    x = separable(net, x, 1024, 2);
    maps.push_back(separable(net, x, 1024, 1));
    for (const std::int64_t channels : {512, 256, 256, 128}) {
        x = conv_norm_relu6(net, maps.back(), net.scaled(channels / 2), {});
        maps.push_back(conv_norm_relu6(net, x, net.scaled(channels), {.kernel = 3, .stride = 2}));
    }
    return maps;
}

} // namespace

onnx::ModelProto ssd_mobilenet(const Options& options)
{
    OnnxBuilder net("ssd_mobilenet", options);
    const auto maps = features(net);
    for (std::size_t i = 0; i != maps.size(); ++i) {
        const std::int64_t anchors = i == 0 ? 3 : 6;
        net.output(net.conv(maps[i], anchors * classes), "class_" + std::to_string(i));
        net.output(net.conv(maps[i], anchors * 4), "box_" + std::to_string(i));
    }
    return net.finish();
}

} // namespace zoo
