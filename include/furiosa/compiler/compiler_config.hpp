#pragma once

#include <furiosa/compiler/compile.hpp>

#include <string_view>

namespace furiosa::compiler {

/// Reads what a user asks of the compiler for the CPU device. YAML, of which JSON is a part; both keys may be missing:
///
///     tune: false                     # CompileOptions::tune
///     dimensions: {height: 224}       # CompileOptions::dimensions
///
/// Empty text changes nothing. Throws errc::invalid_compiler_config, with line and column, on what is not YAML, a key
/// that is not known or is there twice, a value of another type, an alias, and more than 64 KiB; errc::not_supported
/// when this library was built without the ONNX frontend.
void read_compiler_config(std::string_view text, CompileOptions& options);

} // namespace furiosa::compiler
