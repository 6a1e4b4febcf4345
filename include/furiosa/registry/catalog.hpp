#pragma once

#include <furiosa/registry/manifest.hpp>

#include <string_view>

namespace furiosa::registry {

/// The name of the registry that is built in.
inline constexpr std::string_view public_zoo = "furiosa-public-zoo";

/// The folder that its files lie in.
inline constexpr std::string_view public_zoo_base =
    "https://furiosa-public-artifacts.s3-accelerate.amazonaws.com/furiosa-artifacts/";

/// FuriosaAI's public model zoo: eight vision models, each with a float32 ONNX, its calibration ranges and programs
/// for Warboy. The files have MD5 digests and lie in the public bucket that furiosa-models 0.10 uses.
const Manifest& public_zoo_manifest();

} // namespace furiosa::registry
