#pragma once

#include "cli/bench.hpp"
#include "cli/compile.hpp"
#include "cli/devices.hpp"
#include "cli/infer.hpp"
#include "cli/settings.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>

namespace furiosa::cli {

/// What the options of these commands are read into.
struct InferenceArguments
{
    CompileArguments compile;
    InferArguments infer;
    BenchArguments bench;
    std::filesystem::path inspected;
    device::npu::Roots roots;
};

/// compile, infer, inspect, devices and bench. The one that is on the command line puts what is to be done into
/// `run`; all references must outlive it.
void add_inference_commands(CLI::App& app, const Settings& settings, InferenceArguments& arguments,
                            std::function<int()>& run);

} // namespace furiosa::cli
