#pragma once

#include "device/cpu/step_builder.hpp"

#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>

namespace furiosa::device::cpu {

// Images are cut into strips of rows, one for each thread of the team. A strip of an image with the channels
// innermost is an image itself.

/// Rows of the output, the rows of the source that they are made of, and what is left there of the padding.
struct Strip
{
    std::int64_t first = 0; ///< of the output
    std::int64_t count = 0;
    std::int64_t source_first = 0;
    std::int64_t source_count = 0;
    std::int64_t pad_begin = 0;
    std::int64_t pad_end = 0;
};

/// A window along the rows.
struct RowWindow
{
    std::int64_t reach; ///< from its first row to behind its last
    std::int64_t stride;
    std::int64_t pad;
};

/// Of an operator with such a kernel and two spatial axes.
RowWindow row_window(const program::Attributes& attributes, std::int64_t kernel);

/// The rows from `first` to `last` of what a window makes of `input` rows. May be without a source.
Strip window_strip(const RowWindow& window, std::int64_t input, std::int64_t first, std::int64_t last);

/// The same of a transposed convolution, whose window slides over the output.
Strip transposed_strip(const RowWindow& window, std::int64_t input, std::int64_t first, std::int64_t last);

/// The attributes of an operator on a strip.
program::Attributes strip_attributes(const program::Attributes& whole, const Strip& strip);

/// Are there several threads, with at least two rows of the destination for each? Both must be images of one,
/// with the channels innermost, in memory that stays where it is.
bool can_be_cut(StepBuilder& builder, program::TensorIndex source, program::TensorIndex destination);

/// So many rows of an image.
dnnl::memory::desc rows_of(const dnnl::memory::desc& image, std::int64_t count);
/// Their memory, from row `first` on.
dnnl::memory rows_at(StepBuilder& builder, program::TensorIndex image, const dnnl::memory::desc& rows,
                     std::int64_t first);

} // namespace furiosa::device::cpu
