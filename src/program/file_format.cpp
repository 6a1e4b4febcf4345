#include <furiosa/program/file_format.hpp>

#include "program/file_header.hpp"

#include <fmt/format.h>

namespace furiosa::program {

namespace {

bool has_at(std::span<const std::byte> bytes, std::size_t offset, std::string_view text)
{
    return bytes.size() >= offset + text.size() &&
           std::string_view(reinterpret_cast<const char*>(bytes.data()) + offset, text.size()) == text;
}

std::string version_behind(std::span<const std::byte> bytes, std::size_t offset)
{
    std::string text;
    for (std::size_t i = offset; i != offset + 4; ++i)
        text += fmt::format("{:02x}", static_cast<unsigned>(bytes[i]));
    return text;
}

/// The first field of a ModelProto is nearly always ir_version, a small number: field 1 as a varint.
bool looks_like_onnx(std::span<const std::byte> bytes)
{
    return bytes.size() > 2 && bytes[0] == std::byte{0x08} && bytes[1] < std::byte{0x20};
}

} // namespace

IdentifiedFile identify(std::span<const std::byte> bytes)
{
    if (has_at(bytes, 0, file_magic))
        return {FileFormat::program, ""};
    if (bytes.size() >= 7 && has_at(bytes, 0, "enf"))
        return {FileFormat::vendor_enf, version_behind(bytes, 3)};
    if (bytes.size() >= 7 && has_at(bytes, 0, "dfg"))
        return {FileFormat::vendor_dfg, version_behind(bytes, 3)};
    if (has_at(bytes, 4, "TFL3"))
        return {FileFormat::tflite, ""};
    if (looks_like_onnx(bytes))
        return {FileFormat::onnx, ""};
    return {};
}

std::string describe(const IdentifiedFile& file)
{
    switch (file.format) {
    case FileFormat::program: return "a program of furiosa";
    case FileFormat::vendor_enf: return fmt::format("a Warboy program (ENF, IR version {})", file.ir_version);
    case FileFormat::vendor_dfg: return fmt::format("a Warboy graph (DFG, IR version {})", file.ir_version);
    case FileFormat::tflite: return "a TFLite model";
    case FileFormat::onnx: return "an ONNX model";
    case FileFormat::unknown: break;
    }
    return "a file of unknown format";
}

} // namespace furiosa::program
