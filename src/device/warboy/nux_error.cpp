#include "device/warboy/nux_error.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace furiosa::device::warboy {

namespace {

struct Meaning
{
    int code;
    errc error;
    std::string_view sentence;
};

/// Of nux.h.
constexpr std::array meanings{
    Meaning{1, errc::device_failed, "the session could not be created; is the device there, and its driver loaded?"},
    Meaning{2, errc::device_failed, "the model could not be put on the device"},
    Meaning{3, errc::device_failed, "the device failed to run the model"},
    Meaning{4, errc::invalid_argument, "there is no such input"},
    Meaning{5, errc::invalid_argument, "there is no such output"},
    Meaning{6, errc::invalid_argument, "a buffer is not as large, or not as aligned, as its tensor"},
    Meaning{7, errc::invalid_argument, "the inputs are not those of the model"},
    Meaning{8, errc::invalid_argument, "the outputs are not those of the model"},
    Meaning{9, errc::device_failed, "there is no such task"},
    Meaning{11, errc::timed_out, "nothing came in the time that was given"},
    Meaning{12, errc::device_failed, "the queue has no data"},
    Meaning{13, errc::program_target_mismatch,
            "the model is none that this runtime takes: an ENF of another version, or of another device. Compile it "
            "anew, or give its ONNX or TFLite"},
    Meaning{14, errc::not_supported, "the vendor's compiler cannot compile the model; its log says why"},
    Meaning{15, errc::device_failed, "the runtime failed within itself"},
    Meaning{16, errc::invalid_compiler_config, "the compiler configuration is not YAML"},
    Meaning{17, errc::device_failed, "the runtime's service could not be reached"},
    Meaning{18, errc::device_failed, "the runtime's service could not be reached"},
    Meaning{19, errc::device_failed, "the runtime's service could not be reached"},
    Meaning{20, errc::device_failed, "the runtime was given a null pointer"},
    Meaning{21, errc::invalid_argument, "the options of the session contradict each other"},
    Meaning{nux_session_terminated, errc::device_lost,
            "the runtime has ended the session: create another one to go on"},
    Meaning{23, errc::device_busy, "the device is in use by somebody else"},
    Meaning{24, errc::wrong_tensor_name, "there is no tensor of that name"},
    Meaning{25, errc::not_supported, "this runtime or device has no such feature"},
    Meaning{30, errc::invalid_compiler_config, "the compiler configuration has keys or values that the compiler does not know"},
};

const Meaning* meaning_of(int code) noexcept
{
    const auto* const found = std::ranges::find(meanings, code, &Meaning::code);
    return found == meanings.end() ? nullptr : found;
}

} // namespace

errc errc_of(int code) noexcept
{
    const auto* const meaning = meaning_of(code);
    return meaning ? meaning->error : errc::device_failed;
}

Error nux_error(int code, std::string_view while_doing)
{
    const auto* const meaning = meaning_of(code);
    return Error(errc_of(code), fmt::format("{}: {} (code {} of the NPU's runtime)", while_doing,
                                            meaning ? meaning->sentence : "an error that this library does not know", code));
}

} // namespace furiosa::device::warboy
