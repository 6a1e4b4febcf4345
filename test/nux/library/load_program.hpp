#pragma once

#include <furiosa/program/program.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace furiosa::test::nux {

/// What is done with the models that a session is created from.
///
/// ONNX is compiled for the CPU, with the batch size. A program for this machine's CPU is taken as it is. An ENF is,
/// for the stand-in, the bytes `enf`, four bytes of IR version and one of these two. Throws incompatible_model for what
/// this runtime does not take, compilation_failed for what is broken.
program::Program load_program(std::span<const std::byte> model, std::int64_t batch_size);

/// The IR version of the ENFs that are taken, in hexadecimal; null: the usual one.
void set_ir_version(const char* hexadecimal);

} // namespace furiosa::test::nux
