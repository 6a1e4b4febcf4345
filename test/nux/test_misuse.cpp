#include "nux/nux_fixture.hpp"

using namespace furiosa::test;
using namespace furiosa::test::nux;

TEST_CASE_METHOD(NuxFixture, "null where something is needed gives its code, and is no misuse of a handle")
{
    const auto onnx = doubling();
    void* session = nullptr;
    void* queue = nullptr;
    CHECK(nux.nux_session_create(nullptr, 4, options(), &session) == null_pointer);
    CHECK(nux.nux_session_create(bytes(onnx), onnx.size(), nullptr, &session) == null_pointer);
    CHECK(nux.nux_session_create(bytes(onnx), onnx.size(), options(), nullptr) == null_pointer);
    CHECK(nux.nux_async_session_create(bytes(onnx), onnx.size(), options(), &session, nullptr) == null_pointer);
    CHECK(nux.nux_async_session_create(bytes(onnx), onnx.size(), options(), nullptr, &queue) == null_pointer);
    CHECK(nux.nux_session_run(nullptr, nullptr, nullptr) == null_pointer);
    CHECK(nux.nux_async_session_run(nullptr, nullptr, nullptr) == null_pointer);
    CHECK(nux.nux_session_option_set_compiler_config(nullptr, "") == null_pointer);
    CHECK(nux.tensor_fill_buffer(nullptr, nullptr, 4) == null_pointer);
    CHECK(nux.tensor_get_buffer(nullptr, nullptr, nullptr) == null_pointer);
    CHECK_FALSE(nux.nux_completion_queue_next(nullptr, nullptr, nullptr, nullptr));
    CHECK(nux.nux_session_get_model(nullptr) == nullptr);
    CHECK(nux.nux_tensor_name(nullptr) == nullptr);
    nux.nux_session_destroy(nullptr);
    nux.nux_async_session_destroy(nullptr);
    nux.nux_completion_queue_destroy(nullptr);
    nux.nux_tensor_array_destroy(nullptr);
    nux.nux_session_option_destroy(nullptr);
    nux.nux_string_destroy(nullptr);
}

TEST_CASE_METHOD(NuxFixture,
                 "handles of another kind, and pointers that are none, are told from right ones and counted")
{
    const auto session = open_async(options());
    void* const in = inputs(session.model, 1);
    int nothing = 0;
    for (void* const wrong : {static_cast<void*>(&nothing), reinterpret_cast<void*>(1)}) {
        CHECK(nux.nux_session_run(wrong, in, in) == null_pointer);
        CHECK(nux.nux_session_run(session.session, in, in) == null_pointer); // it is the other kind of session
        CHECK(nux.nux_async_session_run(session.session, nullptr, wrong) == invalid_inputs);
        CHECK(nux.tensor_fill_buffer(wrong, nullptr, 0) == null_pointer);
        CHECK(nux.tensor_set_buffer(wrong, reinterpret_cast<std::uint8_t*>(&nothing), 4, nullptr) == invalid_buffer);
        CHECK(nux.nux_tensor_array_get(wrong, 0) == nullptr);
        CHECK(nux.nux_tensor_array_allocate_inputs(wrong) == nullptr);
        CHECK(nux.nux_input_num(wrong) == 0);
        CHECK(nux.nux_tensor_dtype(wrong) == -1);
        nux.nux_session_destroy(wrong);
        nux.nux_tensor_array_destroy(wrong);
    }
    CHECK(nux.nux_stand_in_misuses() == 20);
    CHECK(nux.nux_tensor_array_get(in, 1) == nullptr);
    CHECK(nux.nux_input_desc(session.model, 1) == nullptr);
    CHECK(nux.nux_stand_in_misuses() == 20); // an index is no handle
    nux.nux_stand_in_reset();
    nux.nux_tensor_array_destroy(in);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "what was destroyed or taken over is known no more")
{
    const auto session = open_async(options());
    void* const in = inputs(session.model, 1);
    void* const tensor = nux.nux_tensor_array_get(in, 0);
    void* const desc = nux.nux_input_desc(session.model, 0);
    nux.nux_stand_in_hold();
    REQUIRE(nux.nux_async_session_run(session.session, nullptr, in) == success);
    CHECK(nux.nux_async_session_run(session.session, nullptr, in) == invalid_inputs);
    std::vector<float> memory(4);
    CHECK(nux.tensor_fill_buffer(tensor, bytes(memory), 16) == invalid_buffer);
    nux.nux_tensor_array_destroy(in);
    close(session);
    close(session);
    CHECK(nux.nux_tensor_len(desc) == 0);
    CHECK(nux.nux_tensor_array_create_outputs(session.model) == nullptr);
    CHECK(nux.nux_stand_in_misuses() == 7);
    nux.nux_stand_in_reset();
}

TEST_CASE_METHOD(NuxFixture, "inputs of a run that is refused are taken over all the same")
{
    const auto session = open_async(options());
    CHECK(nux.nux_async_session_run(session.session, nullptr, nux.nux_tensor_array_create_inputs(session.model)) ==
          invalid_inputs);
    CHECK(nux.nux_async_session_run(nullptr, nullptr, inputs(session.model, 1)) == null_pointer);
    CHECK(nux.nux_stand_in_tensor_arrays_alive() == 0);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "the library says what it is")
{
    CHECK(std::string(nux.version()) == "stand-in");
    CHECK(nux.git_short_hash() != nullptr);
    CHECK(nux.build_timestamp() != nullptr);
    nux.enable_logging(3);
}
