#pragma once

#include "cli/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace furiosa::cli {

struct InferArguments
{
    std::filesystem::path model;
    std::vector<std::string> inputs; ///< FILE, or NAME=FILE
    std::filesystem::path output_dir;
    std::string device;
    std::int64_t batch_size = 1;
    std::filesystem::path compiler_config; ///< or empty
};

/// One inference: numpy arrays in, numpy arrays out.
int infer(const Settings& settings, const InferArguments& arguments);

} // namespace furiosa::cli
