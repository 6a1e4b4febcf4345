#include "device/cpu/winograd/kernels.hpp"

namespace furiosa::device::cpu {

#ifdef FURIOSA_AVX512_KERNELS

/// In a file of its own, which alone is compiled for such processors.
const WinogradKernels* winograd_kernels_avx512(int tile, int stride) noexcept;

const WinogradKernels* winograd_kernels(int tile, int stride) noexcept
{
    static const bool supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
    return supported ? winograd_kernels_avx512(tile, stride) : nullptr;
}

#else

const WinogradKernels* winograd_kernels(int, int) noexcept
{
    return nullptr;
}

#endif

} // namespace furiosa::device::cpu
