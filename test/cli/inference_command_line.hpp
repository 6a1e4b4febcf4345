#pragma once

#include "cli/command_line.hpp"
#include "cli/npy.hpp"

#include <furiosa/core/shared_bytes.hpp>

#include <simdjson.h>

namespace furiosa::test {

inline const std::string digits_model = FURIOSA_SOURCE_DIR "/examples/registry/digits/digits.onnx";

/// The command line, with arrays and models for it.
struct InferenceCommandLine : CommandLine
{
    std::string path(const std::string& name) const { return (folder.path() / name).native(); }

    /// An image, or several, of one grey.
    std::string write_images(const std::string& name, float grey, std::int64_t count = 1) const
    {
        Tensor images(DataType::float32, {count, 1, 28, 28});
        for (auto& pixel : images.as<float>())
            pixel = grey;
        return folder.write(name, cli::to_npy(images)).native();
    }

    Result compile_digits(const std::string& options = "") const
    {
        return run("compile " + digits_model + " -o " + path("digits.enf") + " " + options);
    }
};

} // namespace furiosa::test
