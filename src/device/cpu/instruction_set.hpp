#pragma once

#include <string>

namespace furiosa::device::cpu {

/// What oneDNN uses of this machine's processor, in words: "AVX-512 with VNNI".
std::string instruction_set();

} // namespace furiosa::device::cpu
