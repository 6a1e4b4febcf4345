#include "device/cpu/instruction_set.hpp"

#include <oneapi/dnnl/dnnl.hpp>

namespace furiosa::device::cpu {

std::string instruction_set()
{
    using dnnl::cpu_isa;
    switch (dnnl::get_effective_cpu_isa()) {
    case cpu_isa::avx512_core_amx: return "AVX-512 with VNNI, bfloat16 and AMX";
    case cpu_isa::avx512_core_bf16: return "AVX-512 with VNNI and bfloat16";
    case cpu_isa::avx512_core_vnni: return "AVX-512 with VNNI";
    case cpu_isa::avx512_core: return "AVX-512";
    case cpu_isa::avx2_vnni: return "AVX2 with VNNI";
    case cpu_isa::avx2: return "AVX2";
    case cpu_isa::avx: return "AVX";
    case cpu_isa::sse41: return "SSE4.1";
    default: return "generic";
    }
}

} // namespace furiosa::device::cpu
