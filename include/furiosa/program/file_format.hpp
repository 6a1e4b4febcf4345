#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace furiosa::program {

/// Kinds of model files that can be told apart by their first bytes.
enum class FileFormat : std::uint8_t {
    unknown,
    program,    ///< a program of this library
    vendor_enf, ///< an executable of the vendor's compiler
    vendor_dfg, ///< its intermediate form
    tflite,
    onnx, ///< looks like a protobuf that starts as ONNX models do
};

struct IdentifiedFile
{
    FileFormat format = FileFormat::unknown;
    /// For the vendor's files: the four bytes of the version of their representation, in hexadecimal.
    std::string ir_version;
};

IdentifiedFile identify(std::span<const std::byte> bytes);

/// "a Warboy program (ENF, IR version 00000a01)"
std::string describe(const IdentifiedFile& file);

} // namespace furiosa::program
