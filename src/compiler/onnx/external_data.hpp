#pragma once

#include <furiosa/core/shared_bytes.hpp>

#include <cstdint>
#include <filesystem>
#include <onnx/onnx_pb.h>

namespace furiosa::compiler {

/// The elements that a tensor keeps in a file of their own: its keys location, offset and length. They are mapped.
///
/// The location may not lead out of the folder, neither by "..", nor absolutely, nor through a link.
/// Throws errc::not_supported for an empty folder, malformed_model, file_not_found.
SharedBytes read_external_data(const onnx::TensorProto& tensor, std::uint64_t size, const std::filesystem::path& folder);

} // namespace furiosa::compiler
