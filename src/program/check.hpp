#pragma once

#include <furiosa/program/program.hpp>

namespace furiosa::program {

/// Throws errc::malformed_program unless everything in `content` fits together: locations and sizes lie in the arena,
/// the weights or a caller's buffer, indices exist, and operators read only what was written before them.
void check(const ProgramContent& content);

} // namespace furiosa::program
