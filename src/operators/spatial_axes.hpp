#pragma once

#include <furiosa/operators/window.hpp>

#include "operators/definition.hpp"

#include <array>
#include <cstdint>

namespace furiosa::operators {

/// A half-open range of indices.
struct IndexRange
{
    std::int64_t first;
    std::int64_t last;

    std::int64_t size() const { return last - first; }
};

/// One spatial axis of a convolution or a pool. The defaults are those of an axis that is not there.
struct SpatialAxis
{
    std::int64_t extent = 1; ///< of the input
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    std::int64_t dilation = 1;
    std::int64_t pad_begin = 0;
    std::int64_t pad_end = 0;
    std::int64_t output = 1;

    /// Where in the input a tap of the window at an output position lies; in the padding it is not in [0,
    /// extent).
    std::int64_t position(std::int64_t at, std::int64_t tap) const
    {
        return at * stride - pad_begin + tap * dilation;
    }
    /// The taps that do not lie in the padding, for the window at an output position.
    IndexRange taps_inside(std::int64_t at) const { return taps_before(at, extent); }
    /// The taps that lie in the input or in the padding; ceil_mode lets windows reach out of that.
    std::int64_t taps_with_padding(std::int64_t at) const;
    /// The output positions for which a tap does not lie in the padding.
    IndexRange outputs_inside(std::int64_t tap) const;

private:
    IndexRange taps_before(std::int64_t at, std::int64_t end) const;
};

/// Depth, height and width, of which the first are missing in one and two dimensions.
using SpatialAxes = std::array<SpatialAxis, 3>;

SpatialAxes spatial_axes(const Window& window, const Shape& input);

/// Throws errc::unsupported_operator unless input 0 has one to three spatial axes.
void require_spatial_axes(const Question& question);

} // namespace furiosa::operators
