#include "nux/library/load_program.hpp"

#include "nux/library/code.hpp"

#include <furiosa/compiler/compile.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/device/cpu/executor.hpp>
#include <furiosa/program/file_format.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace furiosa::test::nux {

namespace {

using program::FileFormat;

class IrVersion
{
public:
    void set(const char* hexadecimal)
    {
        std::lock_guard lock(mutex_);
        version_ = hexadecimal ? hexadecimal : usual;
    }
    std::string get() const
    {
        std::lock_guard lock(mutex_);
        return version_;
    }

private:
    static constexpr auto usual = "2343cb11"; // that of the vendor's own files

    mutable std::mutex mutex_;
    std::string version_ = usual;
};

IrVersion& ir_version()
{
    static IrVersion& version = *new IrVersion;
    return version;
}

/// `enf` and the version.
constexpr std::size_t enf_header_size = 7;

program::Program compile(std::span<const std::byte> onnx, std::int64_t batch_size)
try {
    compiler::CompileOptions options;
    options.batch_size = batch_size;
    options.target = device::cpu::target();
    options.tune = false;
    return compiler::compile(onnx, options);
} catch (const Error&) {
    throw Failure{compilation_failed};
}

program::Program open(std::span<const std::byte> file)
try {
    auto program = program::Program::open(SharedBytes::own({file.begin(), file.end()}));
    program.require_target(device::cpu::target());
    return program;
} catch (const Error& error) {
    throw Failure{error.code() == errc::malformed_program ? compilation_failed : incompatible_model};
}

} // namespace

program::Program load_program(std::span<const std::byte> model, std::int64_t batch_size)
{
    const auto file = program::identify(model);
    switch (file.format) {
    case FileFormat::program: return open(model);
    case FileFormat::vendor_enf: {
        const auto payload = model.subspan(enf_header_size);
        const auto inner = program::identify(payload).format;
        if (file.ir_version != ir_version().get() || (inner != FileFormat::program && inner != FileFormat::onnx))
            throw Failure{incompatible_model};
        return load_program(payload, batch_size);
    }
    case FileFormat::vendor_dfg:
    case FileFormat::tflite: throw Failure{incompatible_model};
    case FileFormat::onnx:
    case FileFormat::unknown: break; // not all ONNX models look like one
    }
    return compile(model, batch_size);
}

void set_ir_version(const char* hexadecimal)
{
    ir_version().set(hexadecimal);
}

} // namespace furiosa::test::nux
