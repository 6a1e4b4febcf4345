#pragma once

#include "cli/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace furiosa::cli {

struct CompileArguments
{
    std::filesystem::path source;
    std::filesystem::path output;
    std::filesystem::path dot_graph; ///< or empty
    std::string target;              ///< empty: this machine's
    std::int64_t batch_size = 1;
    std::filesystem::path compiler_config; ///< or empty
};

/// Compiles an ONNX model into a program file, and says what has become of it.
int compile(const Settings& settings, const CompileArguments& arguments);

} // namespace furiosa::cli
