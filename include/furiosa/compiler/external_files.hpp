#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace furiosa::compiler {

/// The files that an ONNX model keeps weights in, as it names them, sorted; none for what is no model. Nothing is
/// checked here: compile() does.
std::vector<std::string> external_files(std::span<const std::byte> source);

} // namespace furiosa::compiler
