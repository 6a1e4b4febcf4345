#include "zoo/architectures.hpp"
#include "zoo/efficientnet_blocks.hpp"

namespace zoo {

onnx::ModelProto efficientnet_v2_s(const Options& options)
{
    static constexpr EfficientNetStage stages[] = {
        {.expansion = 1, .kernel = 3, .stride = 1, .channels = 24, .blocks = 2, .fused = true},
        {.expansion = 4, .kernel = 3, .stride = 2, .channels = 48, .blocks = 4, .fused = true},
        {.expansion = 4, .kernel = 3, .stride = 2, .channels = 64, .blocks = 4, .fused = true},
        {.expansion = 4, .kernel = 3, .stride = 2, .channels = 128, .blocks = 6},
        {.expansion = 6, .kernel = 3, .stride = 1, .channels = 160, .blocks = 9},
        {.expansion = 6, .kernel = 3, .stride = 2, .channels = 256, .blocks = 15},
    };
    OnnxBuilder net("efficientnet_v2_s", options);
    return efficientnet(net, net.input(384, 384), 24, stages);
}

} // namespace zoo
