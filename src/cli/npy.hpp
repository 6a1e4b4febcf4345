#pragma once

#include <furiosa/core/tensor.hpp>
#include <furiosa/core/tensor_view.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace furiosa::cli {

/// The array of a numpy .npy file, versions 1 to 3, as a row-major tensor; arrays in Fortran's order are brought into
/// C's. Types: float32, float16, uint8, int8, int32, int64, bool; little-endian.
///
/// The file may be hostile. Throws errc::malformed_tensor, not_supported for other types and byte orders.
Tensor parse_npy(std::span<const std::byte> file);

/// The same, with the file named in errors. Throws file_not_found and io_error too.
Tensor read_npy(const std::filesystem::path& file);

/// A version 1.0 file. Throws errc::not_supported for bfloat16, which numpy does not have.
std::string to_npy(const ConstTensorView& tensor);

} // namespace furiosa::cli
