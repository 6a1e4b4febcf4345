#include "zoo/architectures.hpp"
#include "zoo/efficientnet_blocks.hpp"

namespace zoo {

onnx::ModelProto efficientnet_b0(const Options& options)
{
    static constexpr EfficientNetStage stages[] = {
        {.expansion = 1, .kernel = 3, .stride = 1, .channels = 16, .blocks = 1},
        {.expansion = 6, .kernel = 3, .stride = 2, .channels = 24, .blocks = 2},
        {.expansion = 6, .kernel = 5, .stride = 2, .channels = 40, .blocks = 2},
        {.expansion = 6, .kernel = 3, .stride = 2, .channels = 80, .blocks = 3},
        {.expansion = 6, .kernel = 5, .stride = 1, .channels = 112, .blocks = 3},
        {.expansion = 6, .kernel = 5, .stride = 2, .channels = 192, .blocks = 4},
        {.expansion = 6, .kernel = 3, .stride = 1, .channels = 320, .blocks = 1},
    };
    OnnxBuilder net("efficientnet_b0", options);
    return efficientnet(net, net.input(224, 224), 32, stages);
}

} // namespace zoo
