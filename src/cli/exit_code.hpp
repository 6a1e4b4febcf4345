#pragma once

#include <boost/system/error_code.hpp>

namespace furiosa::cli {

/// What a script learns from the exit code.
namespace exit_code {
inline constexpr int done = 0;
inline constexpr int damaged = 1;   ///< something was found to be wrong: cache verify
inline constexpr int usage = 2;     ///< the command line, or tensors that the model does not take
inline constexpr int not_found = 3; ///< no such model, artifact, registry, file or folder
inline constexpr int network = 4;   ///< nobody answered, or not well
inline constexpr int wrong = 5;     ///< bytes, a manifest, model or program that are not what they should be
inline constexpr int storage = 6;   ///< the store, or the disk
inline constexpr int internal = 7;  ///< anything else
inline constexpr int unsupported = 8; ///< an operator, target or device that this build or machine does not have
} // namespace exit_code

int exit_code_of(const boost::system::error_code& code);

} // namespace furiosa::cli
