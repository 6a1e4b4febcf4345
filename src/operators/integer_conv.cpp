#include "operators/integer_conv.hpp"

#include <furiosa/operators/window.hpp>

#include "operators/quantize.hpp"
#include "operators/strided.hpp"

#include <algorithm>

namespace furiosa::operators {

namespace {

constexpr std::size_t max_axes = Shape::max_rank - 2;

/// The elements of a channel of the input that one element of the kernel meets, and where in the output they
/// count.
struct Tap
{
    std::int64_t x_start = 0;
    std::int64_t out_start = 0;
    std::array<std::int64_t, max_axes> extents{};
    std::array<Strides, 2> strides{}; ///< in input and output
};

/// `index` counts the elements of the kernel in row-major order.
Tap tap_of(const Window& window, const Shape& x, const Shape& out, std::int64_t index)
{
    const Strides x_strides = dense_strides(x), out_strides = dense_strides(out);
    Tap tap;
    for (std::size_t i = window.kernel.size(); i-- != 0; index /= window.kernel[i]) {
        // Position o of the output meets o * stride - shift of the input.
        const auto stride = window.strides[i];
        const auto shift = window.pads_begin[i] - index % window.kernel[i] * window.dilations[i];
        const auto begin = shift > 0 ? (shift + stride - 1) / stride : 0;
        const auto beyond = x[i + 2] + shift; // of o * stride
        const auto end = beyond > 0 ? std::min(window.output[i], (beyond - 1) / stride + 1) : 0;
        tap.extents[i] = std::max<std::int64_t>(end - begin, 0);
        if (tap.extents[i] == 0)
            continue;
        tap.x_start += (begin * stride - shift) * x_strides[i + 2];
        tap.out_start += begin * out_strides[i + 2];
        if (tap.extents[i] > 1) { // else a stride may be larger than the input is
            tap.strides[0][i] = stride * x_strides[i + 2];
            tap.strides[1][i] = out_strides[i + 2];
        }
    }
    return tap;
}

/// The zero point of an output channel, or of all.
template <class T>
std::int32_t zero_point_of(const Work& work, std::size_t input, std::int64_t channel)
{
    if (!work.has(input))
        return 0;
    const auto values = work.inputs[input].as<T>();
    return values[values.size() == 1 ? 0 : static_cast<std::size_t>(channel)];
}

template <class X>
void add_tap(const StridedSpace<2>& space, const X* x, std::int32_t zero_point, std::int32_t factor,
             std::int32_t* out)
{
    const auto length = space.row_length();
    const auto x_step = space.step(0), out_step = space.step(1);
    const auto add = [=](std::int32_t sum, X value) {
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) +
                                         static_cast<std::uint32_t>((value - zero_point) * factor));
    };
    space.for_each_row([&](const auto& offsets) {
        const X* from = x + offsets[0];
        std::int32_t* to = out + offsets[1];
        if (x_step == 1 && out_step == 1)
            for (std::int64_t i = 0; i != length; ++i)
                to[i] = add(to[i], from[i]);
        else
            for (std::int64_t i = 0; i != length; ++i)
                to[i * out_step] = add(to[i * out_step], from[i * x_step]);
    });
}

/// Adds what one element of the kernel contributes, in all channels.
template <class X, class W>
void add_taps(const Work& work, const IntegerConvInputs& inputs, const Shape& shape, std::int32_t* out,
              const Tap& tap, std::int64_t tap_index)
{
    const auto& x_shape = work.inputs[inputs.x].shape();
    const auto& w_shape = work.inputs[inputs.w].shape();
    const X* x = work.inputs[inputs.x].as<X>().data() + tap.x_start;
    const W* w = work.inputs[inputs.w].as<W>().data() + tap_index;
    const StridedSpace<2> space({tap.extents.data(), x_shape.rank() - 2}, tap.strides);
    const auto depth = w_shape[1];
    const auto x_plane = dense_strides(x_shape)[1];
    const auto kernel = dense_strides(w_shape)[1];
    const auto out_plane = dense_strides(shape)[1];
    const auto channels_of_group = shape[1] / (x_shape[1] / depth);
    const auto x_zero_point = zero_point_of<X>(work, inputs.x_zero_point, 0);
    out += tap.out_start;
    for (std::int64_t n = 0; n != shape[0]; ++n)
        for (std::int64_t m = 0; m != shape[1]; ++m, out += out_plane) {
            const X* plane = x + (n * x_shape[1] + m / channels_of_group * depth) * x_plane;
            const auto w_zero_point = zero_point_of<W>(work, inputs.w_zero_point, m);
            for (std::int64_t c = 0; c != depth; ++c)
                if (const auto factor = w[(m * depth + c) * kernel] - w_zero_point; factor != 0)
                    add_tap(space, plane + c * x_plane, x_zero_point, factor, out);
        }
}

void fill_with_bias(const Work& work, const IntegerConvInputs& inputs, const Shape& shape, std::int32_t* out)
{
    const bool has_bias = work.has(inputs.bias);
    const auto plane = dense_strides(shape)[1];
    for (std::int64_t n = 0; n != shape[0]; ++n)
        for (std::int64_t m = 0; m != shape[1]; ++m)
            out = std::fill_n(
                out, plane,
                has_bias ? work.inputs[inputs.bias].as<std::int32_t>()[static_cast<std::size_t>(m)] : 0);
}

} // namespace

void check_per_channel(const Question& question, std::size_t index, const Shape& w)
{
    const auto& shape = question.shape(index);
    if (shape.element_count() != 1 && shape != Shape{w[0]})
        question.fail("input {} of shape {} is neither for all output channels nor for each of {}", index,
                      to_string(shape), w[0]);
}

Shape integer_conv_shape(const Question& question, const IntegerConvInputs& inputs)
{
    question.require_type(inputs.x, {DataType::uint8, DataType::int8});
    question.require_type(inputs.w, {DataType::uint8, DataType::int8});
    const auto& x = question.shape(inputs.x);
    const auto& w = question.shape(inputs.w);
    if (x.rank() < 3 || w.rank() != x.rank())
        question.fail("weights of shape {} for an input of shape {}", to_string(w), to_string(x));
    const std::vector<std::int64_t> kernel(w.begin() + 2, w.end());
    const auto window = window_of(question.operation(), x, kernel);
    if (window.kernel != kernel)
        question.fail("kernel_shape is not that of weights of shape {}", to_string(w));
    const auto group = question.attributes().integer("group", 1);
    if (group < 1 || w[1] < 1 || x[1] % group != 0 || x[1] / group != w[1] || w[0] % group != 0)
        question.fail("weights of shape {} do not fit an input of shape {} in {} groups", to_string(w),
                      to_string(x), group);
    if (question.has(inputs.x_zero_point)) {
        question.require_same_type(inputs.x_zero_point, question.type(inputs.x));
        question.require_scalar(inputs.x_zero_point);
    }
    if (question.has(inputs.w_zero_point)) {
        question.require_same_type(inputs.w_zero_point, question.type(inputs.w));
        check_per_channel(question, inputs.w_zero_point, w);
    }
    if (question.has(inputs.bias)) {
        question.require_same_type(inputs.bias, DataType::int32);
        if (question.shape(inputs.bias) != Shape{w[0]})
            question.fail("a bias of shape {} for {} channels", to_string(question.shape(inputs.bias)), w[0]);
    }
    std::vector<std::int64_t> extents{x[0], w[0]};
    extents.insert(extents.end(), window.output.begin(), window.output.end());
    return Shape(extents);
}

void integer_conv(const Work& work, const IntegerConvInputs& inputs, const Shape& shape, std::int32_t* out)
{
    if (shape.element_count() == 0)
        return;
    fill_with_bias(work, inputs, shape, out);
    const auto& x = work.inputs[inputs.x];
    const auto& w = work.inputs[inputs.w];
    const auto window = window_of(work.operation, x.shape(), {w.shape().begin() + 2, w.shape().end()});
    const auto taps = dense_strides(w.shape())[1];
    for (std::int64_t i = 0; i != taps; ++i) {
        const Tap tap = tap_of(window, x.shape(), shape, i);
        visit_byte(x.data_type(), [&]<class X>(std::type_identity<X>) {
            visit_byte(w.data_type(), [&]<class W>(std::type_identity<W>) {
                add_taps<X, W>(work, inputs, shape, out, tap, i);
            });
        });
    }
}

} // namespace furiosa::operators
