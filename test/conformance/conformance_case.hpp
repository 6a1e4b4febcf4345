#pragma once

#include <filesystem>
#include <string>

namespace furiosa::test {

/// Compiles and runs model.onnx in `folder` on the CPU device with each data set beside it, as the runner of ONNX does:
/// rtol 1e-3, atol 1e-7, exact for integers and bool.
///
/// Says why it failed; nothing if it passed. Throws nothing.
std::string run_conformance_case(const std::filesystem::path& folder);

} // namespace furiosa::test
