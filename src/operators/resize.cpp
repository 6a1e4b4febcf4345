#include "operators/checked_shape.hpp"
#include "operators/index_maps.hpp"
#include "operators/neural.hpp"
#include "operators/resize_axis.hpp"

#include <furiosa/core/tensor.hpp>

#include <algorithm>
#include <cmath>

namespace furiosa::operators {

namespace {

std::vector<ResizeAxis> axes_of(const Attributes& attributes, const ResizeOptions& options, const Shape& x)
{
    const auto sizes = attributes.integers("sizes");
    const auto scales = attributes.get<std::vector<float>>("scales");
    const auto roi = attributes.get<std::vector<float>>("roi");
    std::vector<ResizeAxis> axes;
    for (std::size_t i = 0; i != x.rank(); ++i)
        axes.emplace_back(options, x[i], sizes[i], scales[i], roi.empty() ? 0. : roi[i],
                          roi.empty() ? 1. : roi[i + x.rank()]);
    return axes;
}

void require_numbers(const Question& question, const char* name, std::size_t count, bool positive)
{
    const auto numbers = question.attributes().get<std::vector<float>>(name);
    if (numbers.size() != count)
        question.fail_with(errc::malformed_model,
                           fmt::format("{} has {} numbers instead of {}", name, numbers.size(), count));
    for (const float number : numbers)
        if (!std::isfinite(number) || (positive && number <= 0))
            question.fail_with(errc::malformed_model, fmt::format("{} holds {}", name, number));
}

std::vector<TensorType> output_types(const Question& question)
{
    const auto& x = question.input(0);
    const auto options = resize_options(question.attributes());
    if (!options)
        question.fail_with(errc::malformed_model, "a mode is not known");
    const bool nearest = options->mode == ResizeMode::nearest;
    const bool crops = options->coordinates == CoordinateMode::tf_crop_and_resize;
    if (!nearest || (crops && options->extrapolation_value != 0)) // other types only move
        question.require_type(0, {DataType::float32});
    const auto rank = x.shape.rank();
    const auto sizes = question.integers("sizes", rank, 0, INT64_MAX);
    require_numbers(question, "scales", rank, true);
    if (crops || question.attributes().has("roi"))
        require_numbers(question, "roi", 2 * rank, false);
    const auto y = checked_shape(question, sizes);
    for (const auto& axis : axes_of(question.attributes(), *options, x.shape)) {
        if (axis.input() == 0 && axis.output() != 0)
            question.fail("{} has nothing to make {} of", to_string(x.shape), to_string(y));
        // Scales shrink an axis to one element at the least; others would only make the filter wider and
        // wider.
        if (!nearest && axis.output() != 0 && axis.footprint() > 8 * static_cast<double>(axis.input()) + 8)
            question.fail("a scale is too small for the input {}", to_string(x.shape));
    }
    return {{x.data_type, y}};
}

void resize_nearest(const ConstTensorView& x, const TensorView& y, const std::vector<ResizeAxis>& axes,
                    float extrapolation_value)
{
    std::vector<IndexMap> maps;
    for (const auto& axis : axes) {
        auto& map = maps.emplace_back(static_cast<std::size_t>(axis.output()));
        for (std::int64_t i = 0; i != axis.output(); ++i) {
            const auto place = axis.is_identity() ? static_cast<double>(i) : axis.source_of(i);
            map[static_cast<std::size_t>(i)] = place ? axis.nearest_to(*place) : outside;
        }
    }
    const bool is_float = y.data_type() == DataType::float32; // any other type is filled with zeros
    copy_mapped(x, y, maps, is_float ? reinterpret_cast<const std::byte*>(&extrapolation_value) : nullptr);
}

/// One output along an axis: `inner` neighbours, each the weighted sum of elements that stand `inner` apart.
void blend(const float* line, float* out, std::int64_t inner, std::int64_t extent, std::int64_t first,
           const std::vector<float>& weights)
{
    std::fill_n(out, inner, 0.f);
    for (std::size_t i = 0; i != weights.size(); ++i) {
        const auto weight = weights[i];
        const auto* from =
            line + std::clamp<std::int64_t>(first + static_cast<std::int64_t>(i), 0, extent - 1) * inner;
        if (weight != 0)
            for (std::int64_t k = 0; k != inner; ++k)
                out[k] += weight * from[k];
    }
}

/// Interpolates along one axis: `outer` blocks of lines, of `inner` lines each.
void resize_axis(const ResizeAxis& axis, const float* x, float* y, std::int64_t outer, std::int64_t inner,
                 float extrapolation_value)
{
    std::vector<float> weights;
    for (std::int64_t at = 0; at != axis.output(); ++at) {
        const auto place = axis.source_of(at);
        const auto first = place ? axis.weigh(*place, weights) : 0;
        for (std::int64_t i = 0; i != outer; ++i) {
            auto* out = y + (i * axis.output() + at) * inner;
            if (place)
                blend(x + i * axis.input() * inner, out, inner, axis.input(), first, weights);
            else
                std::fill_n(out, inner, extrapolation_value);
        }
    }
}

/// Axis by axis, those that shrink first: so nothing in between is larger than the input and the output.
void resize_separably(const ConstTensorView& x, const TensorView& y, const std::vector<ResizeAxis>& axes,
                      float extrapolation_value)
{
    std::vector<std::size_t> order;
    for (const bool shrinking : {true, false})
        for (std::size_t i = 0; i != axes.size(); ++i)
            if (!axes[i].is_identity() && (axes[i].output() <= axes[i].input()) == shrinking)
                order.push_back(i);
    if (order.empty()) {
        std::ranges::copy(x.bytes(), y.data());
        return;
    }
    Tensor made;
    auto from = x;
    for (const auto i : order) {
        std::vector<std::int64_t> extents(from.shape().begin(), from.shape().end());
        extents[i] = axes[i].output();
        Tensor next;
        auto to = y;
        if (i != order.back()) {
            next = Tensor(DataType::float32, Shape(extents));
            to = next;
        }
        resize_axis(axes[i], from.as<float>().data(), to.as<float>().data(), count_of(from.shape(), 0, i),
                    count_of(from.shape(), i + 1, from.shape().rank()), extrapolation_value);
        made = std::move(next);
        from = made;
    }
}

void compute(const Work& work)
{
    const auto& y = work.outputs[0];
    if (y.size_in_bytes() == 0)
        return;
    const auto options = *resize_options(work.attributes());
    const auto axes = axes_of(work.attributes(), options, work.inputs[0].shape());
    if (options.mode == ResizeMode::nearest)
        resize_nearest(work.inputs[0], y, axes, options.extrapolation_value);
    else
        resize_separably(work.inputs[0], y, axes, options.extrapolation_value);
}

} // namespace

const Definition resize{1, 1, 1, output_types, compute};

} // namespace furiosa::operators
