#include "zoo/onnx_builder.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace zoo {

namespace {

constexpr double bias_deviation = 0.1;

double sigmoid_of(double x)
{
    return 1 / (1 + std::exp(-x));
}

void set(onnx::NodeProto& node, const std::string& name, std::int64_t value)
{
    auto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(value);
}

void set(onnx::NodeProto& node, const std::string& name, std::span<const std::int64_t> values)
{
    auto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const auto value : values)
        attribute.add_ints(value);
}

void set(onnx::NodeProto& node, const std::string& name, const std::string& value)
{
    auto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(value);
}

/// The same for both spatial axes.
void set_square(onnx::NodeProto& node, const std::string& name, std::int64_t value)
{
    set(node, name, std::array{value, value});
}

/// What part of a window lies in the image along one axis, on average over its places. Little images are
/// mostly padding.
double part_inside(std::int64_t extent, std::int64_t kernel, std::int64_t stride, std::int64_t pad,
                   std::int64_t places)
{
    std::int64_t inside = 0;
    for (std::int64_t place = 0; place != places; ++place) {
        const auto begin = place * stride - pad;
        inside +=
            std::max<std::int64_t>(std::min(begin + kernel, extent) - std::max<std::int64_t>(begin, 0), 0);
    }
    return static_cast<double>(inside) / static_cast<double>(kernel * places);
}

} // namespace

OnnxBuilder::OnnxBuilder(const std::string& name, const Options& options)
    : graph_(*model_.mutable_graph()),
      options_(options),
      random_(options.seed)
{
    model_.set_ir_version(7);
    model_.set_producer_name("furiosa zoo");
    model_.add_opset_import()->set_version(13);
    graph_.set_name(name);
}

Value OnnxBuilder::input(std::int64_t height, std::int64_t width, std::int64_t multiple)
{
    if (const auto size = options_.input_size; size != 0) {
        if (size < 0 || size % multiple != 0)
            throw std::invalid_argument(graph_.name() + " takes images whose sides are multiples of " +
                                        std::to_string(multiple) + ", not " + std::to_string(size));
        const auto factor = static_cast<double>(size) / static_cast<double>(std::max(height, width));
        const auto resized = [&](std::int64_t side) {
            const auto steps =
                std::llround(static_cast<double>(side) * factor / static_cast<double>(multiple));
            return std::max<std::int64_t>(steps, 1) * multiple;
        };
        height = resized(height);
        width = resized(width);
    }
    const Value image{"image", 3, height, width, {}};
    describe(*graph_.add_input(), image);
    return image;
}

std::int64_t OnnxBuilder::scaled(std::int64_t channels) const
{
    if (options_.width == 1)
        return channels;
    return std::max<std::int64_t>(std::llround(static_cast<double>(channels) * options_.width / 8), 1) * 8;
}

OnnxBuilder::Window OnnxBuilder::slide(const Value& x, std::int64_t kernel, std::int64_t stride,
                                       Padding padding)
{
    const auto total = [&](std::int64_t extent) -> std::int64_t {
        if (padding == Padding::none)
            return 0;
        if (padding == Padding::half)
            return (kernel - 1) / 2 * 2;
        return std::max<std::int64_t>(((extent + stride - 1) / stride - 1) * stride + kernel - extent, 0);
    };
    const auto rows = total(x.height);
    const auto columns = total(x.width);
    const Window window{{rows / 2, columns / 2, rows - rows / 2, columns - columns / 2},
                        (x.height + rows - kernel) / stride + 1,
                        (x.width + columns - kernel) / stride + 1};
    if (x.height + rows < kernel || x.width + columns < kernel)
        throw std::invalid_argument("the image is too small: nothing is left of it at " + x.name);
    return window;
}

Value OnnxBuilder::conv(const Value& x, std::int64_t channels, const ConvOptions& options)
{
    const auto [kernel, stride, groups, padding, bias, gain] = options;
    const auto window = slide(x, kernel, stride, padding);
    const auto inputs = x.channels / groups;
    const auto fan_in = inputs * kernel * kernel;
    const auto inside = part_inside(x.height, kernel, stride, window.pads[0], window.height) *
                        part_inside(x.width, kernel, stride, window.pads[1], window.width);
    auto& conv = node("Conv", {x.name});
    conv.add_input(weight(conv.name() + ".weight", {channels, inputs, kernel, kernel},
                          random_.filters(channels, fan_in, x.elements, gain / inside)));
    if (bias)
        conv.add_input(
            weight(conv.name() + ".bias", {channels}, random_.around(0, bias_deviation, channels)));
    set_square(conv, "dilations", 1);
    set(conv, "group", groups);
    set_square(conv, "kernel_shape", kernel);
    set(conv, "pads", window.pads);
    set_square(conv, "strides", stride);
    multiplications_ += channels * window.height * window.width * fan_in;
    const Moments elements{0, gain + (bias ? bias_deviation * bias_deviation : 0)};
    return {conv.output(0), channels, window.height, window.width, elements};
}

Value OnnxBuilder::conv_silu(const Value& x, std::int64_t channels, ConvOptions options)
{
    options.gain *= 9;
    return silu(conv(x, channels, options));
}

Value OnnxBuilder::batch_norm(const Value& x, double gain)
{
    auto& norm = node("BatchNormalization", {x.name});
    const auto add = [&](const char* name, double mean, double deviation) {
        norm.add_input(weight(norm.name() + name, {x.channels}, random_.around(mean, deviation, x.channels)));
    };
    add(".weight", std::sqrt(gain), 0.1 * std::sqrt(gain));
    add(".bias", 0, 0.1);
    add(".running_mean", 0, 0.1);
    add(".running_var", x.elements.variance, 0.2 * x.elements.variance);
    auto result = x;
    result.name = norm.output(0);
    result.elements = {0, gain};
    return result;
}

Value OnnxBuilder::max_pool(const Value& x, std::int64_t kernel, std::int64_t stride, Padding padding)
{
    const auto window = slide(x, kernel, stride, padding);
    auto& pool = node("MaxPool", {x.name});
    set_square(pool, "kernel_shape", kernel);
    set(pool, "pads", window.pads);
    set_square(pool, "strides", stride);
    // The largest of n normally distributed elements, roughly; what activations leave has a longer tail.
    const auto deviations = 1.2 * std::sqrt(2 * std::log(static_cast<double>(kernel * kernel))) - 0.6;
    const Moments largest{x.elements.mean + deviations * std::sqrt(x.elements.variance),
                          0.8 * x.elements.variance};
    return {pool.output(0), x.channels, window.height, window.width, largest};
}

Value OnnxBuilder::global_average_pool(const Value& x)
{
    // Channels differ more than places do, and what channels differ in stays.
    return {node("GlobalAveragePool", {x.name}).output(0), x.channels, 1, 1, x.elements};
}

Value OnnxBuilder::linear(const Value& x, std::int64_t features)
{
    auto& flatten = node("Flatten", {x.name});
    set(flatten, "axis", 1);
    const auto fan_in = x.channels * x.height * x.width;
    auto& gemm = node("Gemm", {flatten.output(0)});
    gemm.add_input(
        weight(gemm.name() + ".weight", {features, fan_in}, random_.filters(features, fan_in, x.elements)));
    gemm.add_input(weight(gemm.name() + ".bias", {features}, random_.around(0, bias_deviation, features)));
    set(gemm, "transB", 1);
    multiplications_ += features * fan_in;
    return {gemm.output(0), features, 0, 0, {}};
}

Value OnnxBuilder::relu(const Value& x)
{
    return unary("Relu", x, apply([](double e) { return std::max(e, 0.0); }, x.elements));
}

Value OnnxBuilder::relu6(const Value& x)
{
    const auto bound = [&](const std::string& name, float value) {
        const auto same = [&](const auto& initializer) { return initializer.name() == name; };
        if (std::ranges::none_of(graph_.initializer(), same))
            weight(name, {}, std::array{value});
        return name;
    };
    auto& clip = node("Clip", {x.name, bound("zero", 0), bound("six", 6)});
    auto result = x;
    result.name = clip.output(0);
    result.elements = apply([](double e) { return std::clamp(e, 0.0, 6.0); }, x.elements);
    return result;
}

Value OnnxBuilder::sigmoid(const Value& x)
{
    return unary("Sigmoid", x, apply(sigmoid_of, x.elements));
}

Value OnnxBuilder::silu(const Value& x)
{
    auto result = multiply(x, sigmoid(x));
    result.elements = apply([](double e) { return e * sigmoid_of(e); }, x.elements);
    return result;
}

Value OnnxBuilder::add(const Value& a, const Value& b)
{
    auto result = a;
    result.name = node("Add", {a.name, b.name}).output(0);
    result.elements = sum(a.elements, b.elements);
    return result;
}

Value OnnxBuilder::multiply(const Value& x, const Value& gate)
{
    auto result = x;
    result.name = node("Mul", {x.name, gate.name}).output(0);
    result.elements = product(x.elements, gate.elements);
    return result;
}

Value OnnxBuilder::add_parameter(const Value& x)
{
    return per_channel("Add", x, 0);
}

Value OnnxBuilder::multiply_by_parameter(const Value& x)
{
    return per_channel("Mul", x, 1);
}

Value OnnxBuilder::concat(const std::vector<Value>& parts)
{
    auto& concat = node("Concat", {});
    Value result{concat.output(0), 0, parts[0].height, parts[0].width, {}};
    double mean = 0;
    double mean_square = 0;
    for (const auto& part : parts) {
        if (part.height != result.height || part.width != result.width)
            throw std::logic_error(concat.name() + " joins images of different sizes");
        concat.add_input(part.name);
        result.channels += part.channels;
        mean += static_cast<double>(part.channels) * part.elements.mean;
        mean_square += static_cast<double>(part.channels) * part.elements.mean_square();
    }
    mean /= static_cast<double>(result.channels);
    result.elements = {mean, mean_square / static_cast<double>(result.channels) - mean * mean};
    set(concat, "axis", 1);
    return result;
}

Value OnnxBuilder::every_second(const Value& x, int axis, std::int64_t begin)
{
    auto& slice = node("Slice", {x.name});
    slice.add_input(integers(slice.name() + ".starts", {begin}));
    slice.add_input(integers(slice.name() + ".ends", {INT64_MAX})); // what exporters write for "to the end"
    slice.add_input(integers(slice.name() + ".axes", {axis}));
    slice.add_input(integers(slice.name() + ".steps", {2}));
    auto result = x;
    result.name = slice.output(0);
    auto& extent = axis == 2 ? result.height : result.width;
    extent = (extent - begin + 1) / 2;
    return result;
}

Value OnnxBuilder::upsample(const Value& x)
{
    auto& resize = node("Resize", {x.name, ""});
    resize.add_input(weight(resize.name() + ".scales", {4}, std::array{1.0f, 1.0f, 2.0f, 2.0f}));
    set(resize, "coordinate_transformation_mode", std::string("asymmetric"));
    set(resize, "mode", std::string("nearest"));
    set(resize, "nearest_mode", std::string("floor"));
    return {resize.output(0), x.channels, 2 * x.height, 2 * x.width, x.elements};
}

void OnnxBuilder::output(const Value& x, const std::string& name)
{
    for (auto& node : *graph_.mutable_node()) {
        for (auto& input : *node.mutable_input())
            if (input == x.name)
                input = name;
        for (auto& output : *node.mutable_output())
            if (output == x.name)
                output = name;
    }
    auto renamed = x;
    renamed.name = name;
    describe(*graph_.add_output(), renamed);
}

onnx::ModelProto OnnxBuilder::finish()
{
    auto& property = *model_.add_metadata_props();
    property.set_key(multiplications_key);
    property.set_value(std::to_string(multiplications_));
    return std::move(model_);
}

onnx::NodeProto& OnnxBuilder::node(const std::string& op, std::initializer_list<std::string> inputs)
{
    const auto name = op + "_" + std::to_string(graph_.node_size());
    auto& node = *graph_.add_node();
    node.set_op_type(op);
    node.set_name(name);
    for (const auto& input : inputs)
        node.add_input(input);
    node.add_output(name + "_output");
    return node;
}

Value OnnxBuilder::unary(const std::string& op, const Value& x, const Moments& elements)
{
    auto result = x;
    result.name = node(op, {x.name}).output(0);
    result.elements = elements;
    return result;
}

Value OnnxBuilder::per_channel(const std::string& op, const Value& x, double mean)
{
    auto& operation = node(op, {});
    operation.add_input(weight(operation.name() + ".parameter", {1, x.channels, 1, 1},
                               random_.around(mean, 0.1, x.channels)));
    operation.add_input(x.name);
    auto result = x;
    result.name = operation.output(0);
    return result;
}

std::string OnnxBuilder::weight(const std::string& name, std::initializer_list<std::int64_t> shape,
                                std::span<const float> elements)
{
    auto& proto = *graph_.add_initializer();
    proto.set_name(name);
    proto.set_data_type(onnx::TensorProto::FLOAT);
    for (const auto extent : shape)
        proto.add_dims(extent);
    proto.set_raw_data(elements.data(), elements.size_bytes());
    return name;
}

std::string OnnxBuilder::integers(const std::string& name, std::initializer_list<std::int64_t> elements)
{
    auto& proto = *graph_.add_initializer();
    proto.set_name(name);
    proto.set_data_type(onnx::TensorProto::INT64);
    proto.add_dims(static_cast<std::int64_t>(elements.size()));
    proto.set_raw_data(elements.begin(), elements.size() * sizeof(std::int64_t));
    return name;
}

void OnnxBuilder::describe(onnx::ValueInfoProto& info, const Value& x) const
{
    info.set_name(x.name);
    auto& type = *info.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    auto& shape = *type.mutable_shape();
    shape.add_dim()->set_dim_value(1);
    shape.add_dim()->set_dim_value(x.channels);
    if (x.height == 0) // a matrix
        return;
    shape.add_dim()->set_dim_value(x.height);
    shape.add_dim()->set_dim_value(x.width);
}

} // namespace zoo
