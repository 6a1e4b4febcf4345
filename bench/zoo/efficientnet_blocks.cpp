#include "zoo/efficientnet_blocks.hpp"

#include <algorithm>

namespace zoo {

namespace {

Value squeeze_excite(OnnxBuilder& net, const Value& x, std::int64_t squeezed)
{
    auto gate = net.global_average_pool(x);
    gate = net.conv_silu(gate, squeezed);
    gate = net.sigmoid(net.conv(gate, x.channels));
    return net.multiply(x, gate);
}

Value expand_and_filter(OnnxBuilder& net, const Value& x, const EfficientNetStage& stage, std::int64_t stride)
{
    const auto expanded = stage.expansion * x.channels;
    auto y = stage.expansion == 1 ? x : net.conv_silu(x, expanded);
    y = net.conv_silu(y, expanded, {.kernel = stage.kernel, .stride = stride, .groups = expanded});
    return squeeze_excite(net, y, std::max<std::int64_t>(x.channels / 4, 1));
}

Value block(OnnxBuilder& net, const Value& x, const EfficientNetStage& stage, std::int64_t stride)
{
    const auto channels = net.scaled(stage.channels);
    const bool residual = stride == 1 && x.channels == channels;
    const ConvOptions project{.gain = residual ? residual_gain : 1};
    const ConvOptions filter{.kernel = stage.kernel, .stride = stride};
    Value y;
    if (!stage.fused)
        y = net.conv(expand_and_filter(net, x, stage, stride), channels, project);
    else if (stage.expansion == 1)
        y = net.conv_silu(x, channels, filter);
    else
        y = net.conv(net.conv_silu(x, stage.expansion * x.channels, filter), channels, project);
    return residual ? net.add(y, x) : y;
}

} // namespace

onnx::ModelProto efficientnet(OnnxBuilder& net, const Value& image, std::int64_t stem_channels,
                              std::span<const EfficientNetStage> stages)
{
    auto x = net.conv_silu(image, net.scaled(stem_channels), {.kernel = 3, .stride = 2});
    for (const auto& stage : stages)
        for (int i = 0; i != stage.blocks; ++i)
            x = block(net, x, stage, i == 0 ? stage.stride : 1);
    x = net.conv_silu(x, net.scaled(1280));
    net.output(net.linear(net.global_average_pool(x), 1000), "logits");
    return net.finish();
}

} // namespace zoo
