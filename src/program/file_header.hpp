#pragma once

#include <cstdint>
#include <string_view>

namespace furiosa::program {

inline constexpr std::string_view file_magic = "FURIOSA\x1a";
inline constexpr std::uint32_t file_version = 2;
inline constexpr std::uint64_t file_alignment = 64;

/// The first 64 bytes of a program file, little-endian. Behind them the table (program.fbs), then the weights,
/// each at a multiple of 64.
struct FileHeader
{
    char magic[8];
    std::uint32_t version;
    std::uint32_t reserved;
    std::uint64_t file_size;
    std::uint64_t table_offset;
    std::uint64_t table_size;
    std::uint64_t weights_offset;
    std::uint64_t weights_size;
    std::uint64_t unused;
};
static_assert(sizeof(FileHeader) == 64);

constexpr std::uint64_t align_up(std::uint64_t size) noexcept
{
    return (size + file_alignment - 1) / file_alignment * file_alignment;
}

} // namespace furiosa::program
