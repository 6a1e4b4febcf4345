#include "device/cpu/depthwise/kernels.hpp"

namespace furiosa::device::cpu {

#ifdef FURIOSA_AVX512_KERNELS

/// In a file of its own, which alone is compiled for such processors.
void depthwise_kernel_avx512(const DepthwiseShape&, const ImageTensors&, std::int64_t, std::int64_t);

DepthwiseKernel depthwise_kernel() noexcept
{
    static const bool supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
    return supported ? depthwise_kernel_avx512 : nullptr;
}

#else

DepthwiseKernel depthwise_kernel() noexcept
{
    return nullptr;
}

#endif

} // namespace furiosa::device::cpu
