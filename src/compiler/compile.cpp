#include <furiosa/compiler/compile.hpp>

#include <furiosa/core/error.hpp>
#include <furiosa/program/file_format.hpp>
#include <furiosa/store/digest.hpp>

#ifdef FURIOSA_WITH_CPU
#include "compiler/cpu/lower.hpp"

#include <furiosa/device/cpu/executor.hpp>
#include <oneapi/dnnl/dnnl.hpp>
#endif
#ifdef FURIOSA_WITH_ONNX
#include <furiosa/compiler/passes.hpp>
#endif

namespace furiosa::compiler {

namespace {

/// To be raised with every change that makes another program of the same model.
constexpr int version = 4;

#if defined(FURIOSA_WITH_ONNX) && defined(FURIOSA_WITH_CPU)

program::Program compile_here(std::span<const std::byte> source, const CompileOptions& options)
{
    if (options.target != device::cpu::target())
        throw_error(errc::program_target_mismatch, "cannot compile for {}: this machine's target is {}",
                    options.target, device::cpu::target());
    const auto graph = optimize(import_onnx(source, options));
    try {
        return program::Program::open(serialize(lower_for_cpu(graph, {options.target, options.tune})));
    } catch (const dnnl::error& error) {
        throw_error(errc::unsupported_operator, "oneDNN cannot run this model: {}", error.what());
    }
}

#else

program::Program compile_here(std::span<const std::byte>, const CompileOptions&)
{
    throw_error(errc::not_supported,
                "this library was built without the ONNX compiler for the CPU device (CMake options "
                "FURIOSA_WITH_ONNX and FURIOSA_WITH_CPU)");
}

#endif

} // namespace

Graph optimized_graph(std::span<const std::byte> source, const ImportOptions& options)
{
#ifdef FURIOSA_WITH_ONNX
    return optimize(import_onnx(source, options));
#else
    throw_error(errc::not_supported,
                "no graph of {} bytes for batches of {}: this library was built without the ONNX frontend (CMake option "
                "FURIOSA_WITH_ONNX)",
                source.size(), options.batch_size);
#endif
}

std::string cache_key(const CompileOptions& options)
{
    // Names stand behind their lengths, since they may hold anything.
    auto key = fmt::format("target={} batch={} tune={}", options.target, options.batch_size, options.tune);
    for (const auto& [name, extent] : options.dimensions)
        key += fmt::format(" dimension {}:{}={}", name.size(), name, extent);
    for (const auto& [name, tensor] : options.constants)
        key += fmt::format(
            " constant {}:{}={}{} {}", name.size(), name, to_string(tensor.data_type()), to_string(tensor.shape()),
            to_string(store::digest_of(store::DigestAlgorithm::sha256, tensor.view().bytes())));
    return key;
}

std::string compiler_version()
{
#ifdef FURIOSA_WITH_CPU
    const auto* dnnl = dnnl_version();
    return fmt::format("furiosa-{}-dnnl-{}.{}.{}", version, dnnl->major, dnnl->minor, dnnl->patch);
#else
    return fmt::format("furiosa-{}", version);
#endif
}

program::Program compile(std::span<const std::byte> source, const CompileOptions& options)
{
    const auto file = program::identify(source);
    if (file.format != program::FileFormat::onnx && file.format != program::FileFormat::unknown)
        throw_error(errc::not_supported, "this is {}: only ONNX models are compiled",
                    program::describe(file));
    return compile_here(source, options);
}

} // namespace furiosa::compiler
