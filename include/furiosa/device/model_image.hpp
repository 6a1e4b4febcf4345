#pragma once

#include <furiosa/core/shared_bytes.hpp>

#include <cstdint>
#include <string>

namespace furiosa::device {

/// A model for a device whose runtime compiles by itself, or has programs of its own: what Warboy takes.
struct ModelImage
{
    ModelImage() = default;

    /// ONNX, TFLite, or the vendor's ENF.
    SharedBytes bytes;
    /// For errors.
    std::string name;
    std::int64_t batch_size = 1;
    /// Threads of the runtime that work for the session.
    unsigned worker_num = 1;
    /// Runs that the runtime takes in at once.
    std::size_t queue_size = 1;
    /// YAML, handed to the vendor's compiler as it is; or empty.
    std::string compiler_config;
};

} // namespace furiosa::device
