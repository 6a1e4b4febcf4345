#include "nux/nux_fixture.hpp"

#include "compiler/run_on_cpu.hpp"
#include "support/test_driver.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace furiosa::test;
using namespace furiosa::test::nux;

namespace {

std::string enf(const std::string& ir_version, const std::string& payload)
{
    return "enf" + ir_version + payload;
}

const std::string usual_version = "\x23\x43\xcb\x11";

std::string read(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

} // namespace

TEST_CASE_METHOD(NuxFixture, "what a session is made from decides the code")
{
    const auto onnx = doubling();
    const auto program = compile_for_cpu(std::as_bytes(std::span(onnx)));
    const std::string file(program.bytes().text());
    const std::vector<std::pair<std::string, int>> cases{
        {onnx, success},
        {file, success},
        {enf(usual_version, onnx), success},
        {enf(usual_version, file), success},
        {enf("\x23\x43\xcb\x12", file), incompatible_model},
        {enf(usual_version, "payload"), incompatible_model},
        {enf(usual_version, ""), incompatible_model},
        {enf(usual_version, enf(usual_version, file)), incompatible_model},
        {"dfg" + usual_version, incompatible_model},
        {file.substr(0, file.size() / 2), compilation_failed},
        {onnx.substr(0, 20), compilation_failed},
        {"no model", compilation_failed},
        {"", compilation_failed},
    };
    for (const auto& [model, code] : cases) {
        CAPTURE(model, code);
        for (const auto make : {&NuxFixture::create, &NuxFixture::create_async}) {
            Session session;
            CHECK((this->*make)(model, options(), session) == code);
            if (session.session)
                close(session);
        }
    }
}

TEST_CASE_METHOD(NuxFixture, "a vendor's own ENF is of another kind")
{
    const std::filesystem::path file = FURIOSA_SHARED_DIR "/vendor/MNISTnet_uint8_quant_without_softmax.enf";
    if (!std::filesystem::exists(file)) {
        WARN("skipped: " << file << " is not there");
        return;
    }
    Session session;
    CHECK(create(read(file), options(), session) == incompatible_model);
}

TEST_CASE_METHOD(NuxFixture, "ENFs are taken of the IR version that the stand-in was told")
{
    nux.nux_stand_in_set_ir_version("01020304");
    Session session;
    CHECK(create(enf(usual_version, doubling()), options(), session) == incompatible_model);
    REQUIRE(create(enf("\x01\x02\x03\x04", doubling()), options(), session) == success);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "a program with an operator that the device does not have is not deployed")
{
    const auto program = copy_program(4, furiosa::device::cpu::target());
    Session session;
    CHECK(create(std::string(program.bytes().text()), options("npu:0"), session) == deploy_failed);
    close(open(options("npu:0")));
}

TEST_CASE_METHOD(NuxFixture, "tensors of a type that the vendor has no code for are not supported")
{
    auto builder = OnnxBuilder().input("x", {4}).node("Less", {"x", "x"}, {"y"});
    auto& output = *builder.model().mutable_graph()->add_output();
    output.set_name("y");
    output.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::BOOL);
    Session session;
    CHECK(create(builder.bytes(), options(), session) == unsupported_feature);
}

TEST_CASE_METHOD(NuxFixture, "a creation that is to fail gives the code, takes the options, and leaves the device free")
{
    nux.nux_stand_in_fail_next_creation(deploy_failed);
    Session session;
    CHECK(create_async(doubling(), options("npu:0"), session) == deploy_failed);
    CHECK(session.session == nullptr);
    CHECK(nux.nux_stand_in_options_alive() == 0);
    close(open_async(options("npu:0")));
}

TEST_CASE_METHOD(NuxFixture, "options that no session can have are refused")
{
    void* const wish = options();
    const auto set = GENERATE(
        &NuxStandIn::nux_session_option_set_worker_num, &NuxStandIn::nux_session_option_set_batch_size,
        &NuxStandIn::nux_session_option_set_input_queue_size, &NuxStandIn::nux_session_option_set_output_queue_size);
    (nux.*set)(wish, GENERATE(0ull, ~0ull));
    Session session;
    CHECK(create_async(doubling(), wish, session) == invalid_session_options);
}

TEST_CASE_METHOD(NuxFixture, "a compiler configuration is a mapping in YAML or JSON, and only a bad key is refused")
{
    void* const wish = options();
    const auto [text, code] = GENERATE(table<const char*, int>({
        {"", success},
        {" \n# nothing\n", success},
        {"permute_input:\n  - [0, 2, 3, 1]: x\nremove_lower: true", success},
        {R"( {"allow_precision_error": true})", success},
        {"no mapping", invalid_yaml},
        {"{", invalid_yaml},
        {"invalid: true", invalid_compiler_config},
        {"a: b\ninvalid:   true\n", invalid_compiler_config},
        {R"({"a": 1, "invalid": true})", invalid_compiler_config},
        {"invalid: false", success},
    }));
    CAPTURE(text);
    CHECK(nux.nux_session_option_set_compiler_config(wish, text) == code);
    nux.nux_session_option_destroy(wish);
}
