#pragma once

#include "device/warboy/nux.hpp"

#include <furiosa/core/tensor_desc.hpp>

#include <vector>

namespace furiosa::device::warboy {

/// What a model of the runtime takes and gives. Throws errc::not_supported for tensors that do not lie densely, or of
/// types that this library has not.
std::vector<TensorDesc> input_descs(const Nux& nux, void* model);
std::vector<TensorDesc> output_descs(const Nux& nux, void* model);

} // namespace furiosa::device::warboy
