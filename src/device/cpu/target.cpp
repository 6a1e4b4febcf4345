#include <furiosa/device/cpu/executor.hpp>

#include <oneapi/dnnl/dnnl.hpp>

namespace furiosa::device::cpu {

std::string target()
{
    using dnnl::cpu_isa;
    switch (dnnl::get_effective_cpu_isa()) {
    case cpu_isa::avx512_core_amx:
    case cpu_isa::avx512_core_bf16:
    case cpu_isa::avx512_core_vnni: return "cpu-avx512vnni";
    case cpu_isa::avx512_core: return "cpu-avx512";
    case cpu_isa::avx2_vnni:
    case cpu_isa::avx2: return "cpu-avx2";
    case cpu_isa::avx: return "cpu-avx";
    default: return "cpu-sse41";
    }
}

} // namespace furiosa::device::cpu
