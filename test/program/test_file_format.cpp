#include "program/sample_program.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/program/file_format.hpp>

#include <catch2/catch.hpp>

#include <filesystem>

using namespace furiosa;
using program::FileFormat;
using program::identify;

TEST_CASE("model files are told apart by their first bytes")
{
    CHECK(identify(program::serialize(test::sample_content())).format == FileFormat::program);
    CHECK(identify(SharedBytes::copy_of("enf\x01\x02\x03\x04 and more")).format == FileFormat::vendor_enf);
    CHECK(identify(SharedBytes::copy_of("enf\x01\x02\x03\x04 and more")).ir_version == "01020304");
    CHECK(identify(SharedBytes::copy_of("dfg\x01\x02\x03\x04 and more")).format == FileFormat::vendor_dfg);
    CHECK(identify(SharedBytes::copy_of("????TFL3????????")).format == FileFormat::tflite);
    CHECK(identify(SharedBytes::map(FURIOSA_SOURCE_DIR "/examples/registry/digits/digits.onnx")).format == FileFormat::onnx);
    CHECK(identify(SharedBytes::copy_of("")).format == FileFormat::unknown);
    CHECK(identify(SharedBytes::copy_of("en")).format == FileFormat::unknown);
}

TEST_CASE("the vendor's own files are recognised with their version, and never taken for a program of this machine")
{
    const std::filesystem::path folder = FURIOSA_SHARED_DIR "/vendor";
    if (!std::filesystem::exists(folder)) {
        WARN("skipped: " << folder << " is not there");
        return;
    }
    int found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const auto extension = entry.path().extension();
        if (extension != ".enf" && extension != ".dfg")
            continue;
        ++found;
        INFO(entry.path());
        const auto bytes = SharedBytes::map(entry.path());
        const auto file = identify(bytes);
        CHECK(file.format == (extension == ".enf" ? FileFormat::vendor_enf : FileFormat::vendor_dfg));
        CHECK(file.ir_version.size() == 8);
        CHECK_THAT(describe(file), Catch::Contains(file.ir_version));
        CHECK_THROWS_ERRC(program::Program::open(bytes), errc::program_target_mismatch);
    }
    CHECK(found == 2);
}
