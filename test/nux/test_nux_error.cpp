#include "device/warboy/nux_error.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace furiosa;
using device::warboy::errc_of;
using device::warboy::nux_error;

TEST_CASE("each code of the runtime has an errc, and a sentence of what it means and of where")
{
    const auto& [code, expected, part] = GENERATE(table<int, errc, const char*>({
        {1, errc::device_failed, "could not be created"},
        {2, errc::device_failed, "could not be put on the device"},
        {3, errc::device_failed, "failed to run"},
        {4, errc::invalid_argument, "no such input"},
        {5, errc::invalid_argument, "no such output"},
        {6, errc::invalid_argument, "buffer"},
        {7, errc::invalid_argument, "inputs are not those"},
        {8, errc::invalid_argument, "outputs are not those"},
        {9, errc::device_failed, "no such task"},
        {11, errc::timed_out, "time"},
        {12, errc::device_failed, "no data"},
        {13, errc::program_target_mismatch, "ENF of another version"},
        {14, errc::not_supported, "cannot compile"},
        {15, errc::device_failed, "within itself"},
        {16, errc::invalid_compiler_config, "not YAML"},
        {17, errc::device_failed, "service could not be reached"},
        {18, errc::device_failed, "service could not be reached"},
        {19, errc::device_failed, "service could not be reached"},
        {20, errc::device_failed, "null pointer"},
        {21, errc::invalid_argument, "options"},
        {22, errc::device_lost, "create another one"},
        {23, errc::device_busy, "in use"},
        {24, errc::wrong_tensor_name, "no tensor of that name"},
        {25, errc::not_supported, "no such feature"},
        {30, errc::invalid_compiler_config, "keys or values"},
        {10, errc::device_failed, "does not know"},
        {-1, errc::device_failed, "does not know"},
    }));
    const auto error = nux_error(code, "cat.onnx on npu:0:0");
    CHECK(error.code() == expected);
    CHECK(errc_of(code) == expected);
    CHECK_THAT(error.what(), Catch::StartsWith("cat.onnx on npu:0:0: ") && Catch::Contains(part) &&
                                 Catch::Contains("code " + std::to_string(code)));
}
