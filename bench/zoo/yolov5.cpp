#include "zoo/architectures.hpp"
#include "zoo/onnx_builder.hpp"

#include <cmath>

namespace zoo {

namespace {

constexpr std::int64_t anchors = 3;
constexpr std::int64_t features_per_anchor = 15; // a box, its objectness and ten classes

/// Version 6 of the family, whose members differ in width and depth.
class Yolov5
{
public:
    Yolov5(const std::string& name, double width, double depth, const Options& options)
        : net_(name, options),
          width_(width),
          depth_(depth)
    {
    }

    onnx::ModelProto make()
    {
        backbone();
        neck();
        const Value heads[] = {p3_, p4_, p5_};
        for (std::size_t i = 0; i != 3; ++i)
            net_.output(net_.sigmoid(net_.conv(heads[i], anchors * features_per_anchor)),
                        "grid_" + std::to_string(i));
        return net_.finish();
    }

private:
    std::int64_t channels(std::int64_t of_large) const
    {
        return net_.scaled(std::llround(static_cast<double>(of_large) * width_));
    }

    /// A cross-stage partial block: half of the channels pass through `blocks` bottlenecks, half go beside
    /// them.
    Value c3(const Value& x, std::int64_t out, int blocks, bool residual)
    {
        auto y = net_.conv_silu(x, out / 2);
        for (int i = 0; i != std::max(static_cast<int>(std::lround(blocks * depth_)), 1); ++i) {
            const auto branch = net_.conv_silu(net_.conv_silu(y, out / 2), out / 2, {.kernel = 3});
            y = residual ? net_.add(y, branch) : branch;
        }
        return net_.conv_silu(net_.concat({y, net_.conv_silu(x, out / 2)}), out);
    }

    /// Spatial pyramid pooling: each pool sees what the one before it has seen, and more.
    Value sppf(const Value& x, std::int64_t out)
    {
        std::vector<Value> scales{net_.conv_silu(x, x.channels / 2)};
        for (int i = 0; i != 3; ++i)
            scales.push_back(net_.max_pool(scales.back(), 5, 1));
        return net_.conv_silu(net_.concat(scales), out);
    }

    /// Sets p3_, p4_ and p5_: an eighth, a sixteenth and a thirty-second of the image.
    void backbone()
    {
        auto x = net_.conv_silu(net_.input(640, 640, 32), channels(64), {.kernel = 6, .stride = 2});
        x = c3(net_.conv_silu(x, channels(128), down), channels(128), 3, true);
        p3_ = c3(net_.conv_silu(x, channels(256), down), channels(256), 6, true);
        p4_ = c3(net_.conv_silu(p3_, channels(512), down), channels(512), 9, true);
        x = c3(net_.conv_silu(p4_, channels(1024), down), channels(1024), 3, true);
        p5_ = sppf(x, channels(1024));
    }

    /// From the coarse grid to the fine one and back.
    void neck()
    {
        const auto lateral5 = net_.conv_silu(p5_, channels(512));
        const auto middle = c3(net_.concat({net_.upsample(lateral5), p4_}), channels(512), 3, false);
        const auto lateral4 = net_.conv_silu(middle, channels(256));
        p3_ = c3(net_.concat({net_.upsample(lateral4), p3_}), channels(256), 3, false);
        p4_ = c3(net_.concat({net_.conv_silu(p3_, channels(256), down), lateral4}), channels(512), 3, false);
        p5_ = c3(net_.concat({net_.conv_silu(p4_, channels(512), down), lateral5}), channels(1024), 3, false);
    }

    static constexpr ConvOptions down{.kernel = 3, .stride = 2};

    OnnxBuilder net_;
    double width_;
    double depth_;
    Value p3_, p4_, p5_;
};

} // namespace

onnx::ModelProto yolov5m(const Options& options)
{
    return Yolov5("yolov5m", 0.75, 0.67, options).make();
}

onnx::ModelProto yolov5l(const Options& options)
{
    return Yolov5("yolov5l", 1, 1, options).make();
}

} // namespace zoo
