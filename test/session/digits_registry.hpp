#pragma once

#include "support/temporary_directory.hpp"

#include <furiosa/compiler/compile.hpp>
#include <furiosa/core/shared_bytes.hpp>
#include <furiosa/device/cpu/executor.hpp>
#include <furiosa/store/digest.hpp>

#include <fmt/format.h>

#include <string>

namespace furiosa::test {

inline std::filesystem::path digits_onnx()
{
    return std::filesystem::path(FURIOSA_SOURCE_DIR) / "examples/registry/digits/digits.onnx";
}

/// Not tuned: that takes the time of most tests together.
inline SharedBytes compiled_digits(std::int64_t batch_size = 1)
{
    compiler::CompileOptions options;
    options.tune = false;
    options.batch_size = batch_size;
    options.target = device::cpu::target();
    return compiler::compile(SharedBytes::map(digits_onnx()), options).bytes();
}

/// A registry on disk, with the digit classifier as "source" (ONNX alone), "carried" (with a program for this
/// machine too), "foreign" (with a program for another device) and "damaged" (its program is garbage).
class DigitsRegistry
{
public:
    DigitsRegistry()
    {
        const auto onnx = artifact("onnx", "", "digits.onnx", SharedBytes::map(digits_onnx()).text());
        const auto carried = artifact("enf", device::cpu::target(), "digits.enf", compiled_digits().text());
        const auto foreign = artifact("enf", "warboy-2pe", "digits.warboy.enf", "enf, but not for this machine");
        const auto damaged = artifact("enf", device::cpu::target(), "damaged.enf", "this is no program");
        const auto text = fmt::format(
            R"({{"format_version": 1, "models": [{}, {}, {}, {}]}})", model("source", onnx),
            model("carried", onnx + ", " + carried), model("foreign", onnx + ", " + foreign), model("damaged", damaged));
        folder_.write("artifacts.json", text);
    }

    std::string uri() const { return folder_.path().native(); }

private:
    std::string artifact(const char* kind, const std::string& target, const char* name, std::string_view bytes) const
    {
        folder_.write(name, bytes);
        const auto digest = store::digest_of(store::DigestAlgorithm::sha256, std::as_bytes(std::span(bytes)));
        return fmt::format(R"({{"kind": "{}", "target": "{}", "uri": "{}", "size": {}, "sha256": "{}"}})", kind, target,
                           name, bytes.size(), digest.hex());
    }

    static std::string model(const char* name, const std::string& artifacts)
    {
        return fmt::format(R"({{"name": "{}", "format": "onnx", "artifacts": [{}]}})", name, artifacts);
    }

    TemporaryDirectory folder_;
};

} // namespace furiosa::test
