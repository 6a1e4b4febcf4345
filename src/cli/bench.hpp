#pragma once

#include "cli/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace furiosa::cli {

enum class Workload { latency, throughput };

struct BenchArguments
{
    std::filesystem::path model;
    std::int64_t batch_size = 1;
    std::filesystem::path compiler_config; ///< or empty
    std::uint64_t queries = 0; ///< 0: until the time is over, or 100 when none was said
    double seconds = 0;        ///< 0: however long it takes
    unsigned workers = 0;      ///< 0: all elements
    std::string device;
    Workload workload = Workload::latency;
    bool use_compile_cache = true;
    std::filesystem::path trace_output;
    std::filesystem::path output;
};

/// Runs a model on random inputs, always the same, and tells how long it takes.
int bench(const Settings& settings, const BenchArguments& arguments);

} // namespace furiosa::cli
