#include "zoo/architectures.hpp"
#include "zoo/onnx_builder.hpp"

#include <algorithm>

namespace zoo {

namespace {

constexpr std::int64_t anchors = 3;
constexpr std::int64_t box_features = 6;       // x, y, w, h, objectness, class
constexpr std::int64_t keypoint_features = 51; // 17 times x, y, confidence

class Yolov7Pose
{
public:
    explicit Yolov7Pose(const Options& options) : net_("yolov7_w6_pose", options) {}

    onnx::ModelProto make()
    {
        backbone();
        neck();
        for (std::size_t i = 0; i != grids_.size(); ++i)
            heads(net_.conv_silu(grids_[i], channels(256 * (static_cast<std::int64_t>(i) + 1)), same),
                  std::to_string(i));
        return net_.finish();
    }

private:
    std::int64_t channels(std::int64_t count) const { return net_.scaled(count); }

    /// Four pixels become four times the channels, with slices of one axis after the other.
    Value reorganize(const Value& image)
    {
        std::vector<Value> parts;
        for (const int column : {0, 1})
            for (const int row : {0, 1})
                parts.push_back(net_.every_second(net_.every_second(image, 2, row), 3, column));
        return net_.concat(parts);
    }

    /// Layers in a row, of which each `step`th, counted from the last, is seen by the 1x1 convolution behind
    /// them.
    Value aggregate(const Value& x, std::int64_t side, std::int64_t inner, std::int64_t out, std::size_t step)
    {
        std::vector<Value> layers{net_.conv_silu(x, channels(side)), net_.conv_silu(x, channels(side))};
        for (int i = 0; i != 4; ++i)
            layers.push_back(net_.conv_silu(layers.back(), channels(inner), same));
        std::vector<Value> seen;
        for (std::size_t i = layers.size() - 1; i >= 2; i -= step)
            seen.push_back(layers[i]);
        seen.push_back(layers[1]);
        seen.push_back(layers[0]);
        return net_.conv_silu(net_.concat(seen), channels(out));
    }

    Value stage(const Value& x, std::int64_t out)
    {
        return aggregate(net_.conv_silu(x, channels(out), down), out / 2, out / 2, out, 2);
    }

    Value fuse(const std::vector<Value>& parts, std::int64_t out)
    {
        return aggregate(net_.concat(parts), out, out / 2, out, 1);
    }

    /// Spatial pyramid pooling inside a cross-stage partial block.
    Value pool_pyramid(const Value& x, std::int64_t out)
    {
        const auto y = net_.conv_silu(net_.conv_silu(net_.conv_silu(x, out), out, same), out);
        std::vector<Value> scales{y};
        for (const std::int64_t kernel : {5, 9, 13})
            scales.push_back(net_.max_pool(y, kernel, 1));
        const auto pooled = net_.conv_silu(net_.conv_silu(net_.concat(scales), out), out, same);
        return net_.conv_silu(net_.concat({pooled, net_.conv_silu(x, out)}), out);
    }

    /// Sets grids_: an eighth to a sixty-fourth of the image.
    void backbone()
    {
        auto x = net_.conv_silu(reorganize(net_.input(384, 640, 64)), channels(64), same);
        x = stage(x, 128);
        for (const std::int64_t out : {256, 512, 768, 1024})
            grids_.push_back(x = stage(x, out));
        grids_.back() = pool_pyramid(x, channels(512));
    }

    /// From the coarse grid to the fine one and back.
    void neck()
    {
        constexpr std::int64_t widths[] = {128, 256, 384, 512};
        for (std::size_t i = 3; i-- != 0;) {
            const auto coarse = net_.upsample(net_.conv_silu(grids_[i + 1], channels(widths[i])));
            grids_[i] = fuse({net_.conv_silu(grids_[i], channels(widths[i])), coarse}, widths[i]);
        }
        for (std::size_t i = 1; i != 4; ++i)
            grids_[i] =
                fuse({net_.conv_silu(grids_[i - 1], channels(widths[i]), down), grids_[i]}, widths[i]);
    }

    void heads(const Value& x, const std::string& number)
    {
        const auto box = net_.conv(net_.add_parameter(x), anchors * box_features);
        net_.output(net_.multiply_by_parameter(box), "box_" + number);
        auto y = x;
        for (int i = 0; i != 6; ++i) {
            if (i != 0)
                y = net_.conv_silu(y, x.channels);
            y = net_.conv_silu(y, x.channels, {.kernel = 3, .groups = x.channels});
        }
        net_.output(net_.conv(y, anchors * keypoint_features), "keypoints_" + number);
    }

    static constexpr ConvOptions same{.kernel = 3};
    static constexpr ConvOptions down{.kernel = 3, .stride = 2};

    OnnxBuilder net_;
    std::vector<Value> grids_;
};

} // namespace

onnx::ModelProto yolov7_w6_pose(const Options& options)
{
    return Yolov7Pose(options).make();
}

} // namespace zoo
