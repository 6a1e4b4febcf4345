#pragma once

#include "zoo/onnx_builder.hpp"

#include <span>

namespace zoo {

/// Some equal blocks in a row, of which only the first has the stride.
struct EfficientNetStage
{
    std::int64_t expansion;
    std::int64_t kernel;
    std::int64_t stride;
    std::int64_t channels;
    int blocks;
    /// One convolution expands and filters, and nothing is squeezed and excited.
    bool fused = false;
};

/// Both EfficientNets are a stem, stages and a head.
onnx::ModelProto efficientnet(OnnxBuilder& net, const Value& image, std::int64_t stem_channels,
                              std::span<const EfficientNetStage> stages);

} // namespace zoo
