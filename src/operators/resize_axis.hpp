#pragma once

#include "operators/definition.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace furiosa::operators {

enum class ResizeMode
{
    nearest,
    linear,
    cubic
};

enum class CoordinateMode
{
    half_pixel,
    half_pixel_symmetric,
    pytorch_half_pixel,
    align_corners,
    asymmetric,
    tf_crop_and_resize,
    tf_half_pixel_for_nn,
};

enum class NearestMode
{
    round_prefer_floor,
    round_prefer_ceil,
    floor,
    ceil
};

/// What holds for all axes of a Resize.
struct ResizeOptions
{
    ResizeMode mode;
    CoordinateMode coordinates;
    NearestMode nearest;
    double cubic_coefficient;
    float extrapolation_value;
    bool antialias;
    bool exclude_outside;
};

/// Nothing if an attribute has no value that ONNX knows.
std::optional<ResizeOptions> resize_options(const Attributes& attributes);

/// One axis of a Resize: where its outputs take their elements from, and with which weights.
///
/// The formulas are those of the reference implementation of ONNX, in double precision.
class ResizeAxis
{
public:
    /// `scale` is finite and positive. An axis of `input` 0 has no outputs.
    ResizeAxis(const ResizeOptions& options, std::int64_t input, std::int64_t output, float scale,
               double roi_begin, double roi_end);

    std::int64_t input() const noexcept { return input_; }
    std::int64_t output() const noexcept { return output_; }
    /// Does it leave everything at its place?
    bool is_identity() const noexcept;

    /// The place in the input for an output, not rounded; nothing where it is extrapolated.
    std::optional<double> source_of(std::int64_t at) const;
    /// The element of the input that is nearest to a place; always there.
    std::int64_t nearest_to(double place) const;
    /// The weights of neighbouring elements, in order. Returns the index of the first, which may lie outside,
    /// where the elements at the borders go on.
    std::int64_t weigh(double place, std::vector<float>& weights) const;
    /// How many weights there are.
    double footprint() const;

private:
    double weight_at(double distance) const;

    ResizeOptions options_;
    std::int64_t input_;
    std::int64_t output_;
    double scale_;
    double roi_begin_;
    double roi_end_;
};

} // namespace furiosa::operators
