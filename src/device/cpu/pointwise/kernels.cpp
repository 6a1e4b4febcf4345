#include "device/cpu/pointwise/kernels.hpp"

namespace furiosa::device::cpu {

#ifdef FURIOSA_AVX512_KERNELS

/// In a file of its own, which alone is compiled for such processors.
void pointwise_kernel_avx512(const PointwiseShape&, const ImageTensors&, const PointwiseRows&, std::int64_t,
                             std::int64_t);

PointwiseKernel pointwise_kernel() noexcept
{
    static const bool supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
    return supported ? pointwise_kernel_avx512 : nullptr;
}

#else

PointwiseKernel pointwise_kernel() noexcept
{
    return nullptr;
}

#endif

} // namespace furiosa::device::cpu
