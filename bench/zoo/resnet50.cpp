#include "zoo/architectures.hpp"
#include "zoo/onnx_builder.hpp"

namespace zoo {

namespace {

/// Version 1.5: the stride is in the 3x3 convolution.
Value bottleneck(OnnxBuilder& net, const Value& x, std::int64_t channels, std::int64_t stride)
{
    auto y = net.relu(net.conv(x, channels));
    y = net.relu(net.conv(y, channels, {.kernel = 3, .stride = stride}));
    y = net.conv(y, 4 * channels, {.gain = residual_gain});
    const bool same_shape = stride == 1 && x.channels == 4 * channels;
    return net.relu(net.add(y, same_shape ? x : net.conv(x, 4 * channels, {.stride = stride})));
}

} // namespace

onnx::ModelProto resnet50(const Options& options)
{
    OnnxBuilder net("resnet50", options);
    auto x = net.input(224, 224);
    x = net.relu(net.conv(x, net.scaled(64), {.kernel = 7, .stride = 2}));
    x = net.max_pool(x, 3, 2);

    std::int64_t channels = 64;
    for (const int blocks : {3, 4, 6, 3}) {
        for (int i = 0; i != blocks; ++i)
            x = bottleneck(net, x, net.scaled(channels), i == 0 && channels != 64 ? 2 : 1);
        channels *= 2;
    }
    net.output(net.linear(net.global_average_pool(x), 1000), "logits");
    return net.finish();
}

} // namespace zoo
