#pragma once

#include <furiosa/core/tensor_desc.hpp>

#include <oneapi/dnnl/dnnl.hpp>
#include <string>

namespace furiosa::device::cpu {

/// Has oneDNN such elements?
bool is_known(DataType type) noexcept;

/// oneDNN's description of a tensor in a format of its own naming ("aBcd16b"); the empty name is dense, row-major.
/// "acdb/96" is an image with the channels innermost whose pixels lie 96 elements apart: a part of the channels of a
/// larger one.
/// Throws errc::malformed_program when the format does not exist or does not go with the shape.
dnnl::memory::desc describe(const TensorDesc& desc, const std::string& format);

/// Bytes from the first element to the last. (oneDNN counts what lies between the pixels also behind the last.)
std::size_t size_in_memory(const dnnl::memory::desc& desc);

/// Such a part of the channels: in its whole, as which it is described, or by itself.
std::string pitched_format(std::int64_t pitch);
bool is_pitched(const std::string& format) noexcept;

/// The name under which `describe` knows a format. Throws errc::not_supported for one without a name.
std::string format_name(const dnnl::memory::desc& desc);

/// A description that lets oneDNN choose the format.
dnnl::memory::desc any_format(const dnnl::memory::desc& desc);

} // namespace furiosa::device::cpu
