#include "operators/resize_axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace furiosa::operators {

namespace {

template <class Enum, std::size_t count>
std::optional<Enum> parse(const std::string& name,
                          const std::array<std::pair<std::string_view, Enum>, count>& names)
{
    for (const auto& [known, value] : names)
        if (known == name)
            return value;
    return std::nullopt;
}

constexpr std::array<std::pair<std::string_view, ResizeMode>, 3> modes{
    {{"nearest", ResizeMode::nearest}, {"linear", ResizeMode::linear}, {"cubic", ResizeMode::cubic}}};

constexpr std::array<std::pair<std::string_view, CoordinateMode>, 7> coordinate_modes{
    {{"half_pixel", CoordinateMode::half_pixel},
     {"half_pixel_symmetric", CoordinateMode::half_pixel_symmetric},
     {"pytorch_half_pixel", CoordinateMode::pytorch_half_pixel},
     {"align_corners", CoordinateMode::align_corners},
     {"asymmetric", CoordinateMode::asymmetric},
     {"tf_crop_and_resize", CoordinateMode::tf_crop_and_resize},
     {"tf_half_pixel_for_nn", CoordinateMode::tf_half_pixel_for_nn}}};

constexpr std::array<std::pair<std::string_view, NearestMode>, 4> nearest_modes{
    {{"round_prefer_floor", NearestMode::round_prefer_floor},
     {"round_prefer_ceil", NearestMode::round_prefer_ceil},
     {"floor", NearestMode::floor},
     {"ceil", NearestMode::ceil}}};

} // namespace

std::optional<ResizeOptions> resize_options(const Attributes& attributes)
{
    const auto mode = parse(attributes.get<std::string>("mode", "nearest"), modes);
    const auto coordinates =
        parse(attributes.get<std::string>("coordinate_transformation_mode", "half_pixel"), coordinate_modes);
    const auto nearest =
        parse(attributes.get<std::string>("nearest_mode", "round_prefer_floor"), nearest_modes);
    if (!mode || !coordinates || !nearest)
        return std::nullopt;
    return ResizeOptions{*mode,
                         *coordinates,
                         *nearest,
                         attributes.real("cubic_coeff_a", -0.75f),
                         attributes.real("extrapolation_value", 0),
                         attributes.integer("antialias") != 0,
                         attributes.integer("exclude_outside") != 0};
}

ResizeAxis::ResizeAxis(const ResizeOptions& options, std::int64_t input, std::int64_t output, float scale,
                       double roi_begin, double roi_end)
    : options_(options),
      input_(input),
      output_(output),
      scale_(scale),
      roi_begin_(roi_begin),
      roi_end_(roi_end)
{
    // A scale that stands for a size was rounded: 2/3 in float32 would put the third pixel just before its
    // place.
    const auto ratio = static_cast<double>(output) / static_cast<double>(input);
    if (static_cast<float>(ratio) == scale)
        scale_ = ratio;
}

bool ResizeAxis::is_identity() const noexcept
{
    const bool whole =
        options_.coordinates != CoordinateMode::tf_crop_and_resize || (roi_begin_ == 0 && roi_end_ == 1);
    return input_ == output_ && scale_ == 1 && whole;
}

std::optional<double> ResizeAxis::source_of(std::int64_t at) const
{
    const auto x = static_cast<double>(at);
    const auto extent = static_cast<double>(input_);
    const auto resized = scale_ * extent; // not rounded, unlike output_
    switch (options_.coordinates) {
    case CoordinateMode::half_pixel:
        break;
    case CoordinateMode::half_pixel_symmetric:
        return extent / 2 * (1 - static_cast<double>(output_) / resized) + (x + 0.5) / scale_ - 0.5;
    case CoordinateMode::pytorch_half_pixel:
        if (resized == 1)
            return -0.5;
        break;
    case CoordinateMode::align_corners:
        return resized == 1 ? 0 : x * (extent - 1) / (resized - 1);
    case CoordinateMode::asymmetric:
        return x / scale_;
    case CoordinateMode::tf_half_pixel_for_nn:
        return (x + 0.5) / scale_;
    case CoordinateMode::tf_crop_and_resize: {
        const auto size = roi_end_ - roi_begin_;
        const auto place = roi_begin_ * (extent - 1) +
                           (resized == 1 ? size * (extent - 1) / 2 : x * size * (extent - 1) / (resized - 1));
        if (!(place >= 0 && place <= extent - 1))
            return std::nullopt;
        return place;
    }
    }
    return (x + 0.5) / scale_ - 0.5;
}

std::int64_t ResizeAxis::nearest_to(double place) const
{
    // Not a number only for absurd scales.
    const auto inside = std::isnan(place) ? 0 : std::clamp(place, 0., static_cast<double>(input_ - 1));
    const auto floor = std::floor(inside);
    const auto fraction = inside - floor;
    const bool up = [&] {
        switch (options_.nearest) {
        case NearestMode::round_prefer_floor:
            return fraction > 0.5;
        case NearestMode::round_prefer_ceil:
            return fraction >= 0.5;
        case NearestMode::floor:
            return false;
        case NearestMode::ceil:
            return fraction > 0;
        }
        return false;
    }();
    return std::min(static_cast<std::int64_t>(floor) + up, input_ - 1);
}

/// The kernel of the interpolation, at a distance from its middle.
double ResizeAxis::weight_at(double distance) const
{
    const double x = std::abs(distance);
    if (options_.mode == ResizeMode::linear)
        return std::max(1 - x, 0.);
    const double a = options_.cubic_coefficient; // R. Keys, Cubic Convolution Interpolation, 1981
    if (x <= 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

double ResizeAxis::footprint() const
{
    const double reach = options_.mode == ResizeMode::linear ? 1 : 2;
    // Downscaling with antialias stretches the kernel.
    return 2 * (options_.antialias ? std::ceil(reach / std::min(scale_, 1.)) : reach);
}

std::int64_t ResizeAxis::weigh(double place, std::vector<float>& weights) const
{
    const double stretch = options_.antialias ? std::min(scale_, 1.) : 1;
    const auto count = static_cast<std::int64_t>(footprint());
    const auto extent = static_cast<double>(input_);
    const auto x = std::isnan(place) ? 0 : std::clamp(place, -extent, 2 * extent);
    const auto first = static_cast<std::int64_t>(std::ceil(x)) - count / 2;
    weights.clear();
    double sum = 0;
    for (auto i = first; i != first + count; ++i) {
        const bool counts = !options_.exclude_outside || (i >= 0 && i < input_);
        const auto weight = counts ? weight_at((static_cast<double>(i) - x) * stretch) : 0;
        weights.push_back(static_cast<float>(weight));
        sum += weight;
    }
    if (sum != 0 && sum != 1)
        for (auto& weight : weights)
            weight = static_cast<float>(weight / sum);
    return first;
}

} // namespace furiosa::operators
