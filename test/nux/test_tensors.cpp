#include "nux/nux_fixture.hpp"

#include "support/test_driver.hpp"

#include <furiosa/device/cpu/executor.hpp>

using namespace furiosa::test;
using namespace furiosa::test::nux;

namespace {

int frees = 0;

void count_free(std::uint8_t*, std::uintptr_t)
{
    ++frees;
}

template <class Ask>
std::vector<int> all(std::uintptr_t count, Ask ask)
{
    std::vector<int> answers;
    for (std::uintptr_t i = 0; i != count; ++i)
        answers.push_back(static_cast<int>(ask(i)));
    return answers;
}

} // namespace

TEST_CASE_METHOD(NuxFixture, "descriptions tell the name, the dimensions, strides, axes and sizes")
{
    Session session;
    const auto onnx = OnnxBuilder().input("image", {1, 3, 4, 5}).node("Relu", {"image"}, {"y"}).output("y").bytes();
    REQUIRE(create(onnx, options(), session) == success);
    REQUIRE(nux.nux_input_num(session.model) == 1);
    REQUIRE(nux.nux_output_num(session.model) == 1);
    void* const desc = nux.nux_input_desc(session.model, 0);
    char* const name = nux.nux_tensor_name(desc);
    CHECK(std::string(name) == "image");
    nux.nux_string_destroy(name);
    CHECK(nux.nux_tensor_dim_num(desc) == 4);
    CHECK(all(5, [&](auto i) { return nux.nux_tensor_dim(desc, i); }) == std::vector{1, 3, 4, 5, 0});
    CHECK(all(5, [&](auto i) { return nux.nux_tensor_stride(desc, i); }) == std::vector{60, 20, 5, 1, 0});
    CHECK(all(5, [&](auto i) { return nux.nux_tensor_axis(desc, i); }) == std::vector{3, 2, 1, 0, 8});
    CHECK(nux.nux_tensor_dtype(desc) == 0);
    CHECK(nux.nux_tensor_len(desc) == 60);
    CHECK(nux.nux_tensor_size(desc) == 240);
    double scale = 0;
    std::int32_t zero_point = 0;
    CHECK(nux.nux_tensor_quantization_parameter(desc, &scale, &zero_point) == unsupported_feature);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "axes that are no image's are unknown")
{
    const auto session = open(options());
    CHECK(nux.nux_tensor_axis(nux.nux_input_desc(session.model, 0), 0) == 8);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "descriptions tell the quantization of a whole tensor, and not that of channels")
{
    auto content = copy_program(4, furiosa::device::cpu::target()).content();
    content.operators[0].kind = furiosa::program::OpKind::reorder;
    content.tensors[content.inputs[0]].desc.quantization = {{0.5f}, {3}, {}};
    content.tensors[content.outputs[0]].desc.quantization = {std::vector(4, 0.5f), std::vector(4, 3), 0};
    Session session;
    REQUIRE(create(std::string(furiosa::program::serialize(content).text()), options(), session) == success);
    double scale = 0;
    std::int32_t zero_point = 0;
    CHECK(nux.nux_tensor_quantization_parameter(nux.nux_input_desc(session.model, 0), &scale, &zero_point) == success);
    CHECK(scale == 0.5);
    CHECK(zero_point == 3);
    CHECK(nux.nux_tensor_quantization_parameter(nux.nux_output_desc(session.model, 0), &scale, &zero_point) ==
          unsupported_feature);
    CHECK(nux.nux_tensor_dtype(nux.nux_input_desc(session.model, 0)) == 3);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "a buffer that was set is read where it lies, and freed once, with its array")
{
    frees = 0;
    const auto session = open(options());
    std::vector<float> memory(4, 1);
    void* const in = nux.nux_tensor_array_create_inputs(session.model);
    void* const out = nux.nux_tensor_array_create_outputs(session.model);
    REQUIRE(nux.tensor_set_buffer(nux.nux_tensor_array_get(in, 0), bytes(memory), 16, count_free) == success);
    std::uint8_t* data = nullptr;
    std::uintptr_t size = 0;
    CHECK(nux.tensor_get_buffer(nux.nux_tensor_array_get(in, 0), &data, &size) == success);
    CHECK(data == bytes(memory));
    memory.assign(4, 5);
    CHECK(nux.nux_session_run(session.session, in, out) == success);
    CHECK(values(out) == std::vector<float>(4, 10));
    CHECK(frees == 0);
    nux.nux_tensor_array_destroy(in);
    CHECK(frees == 1);
    nux.nux_tensor_array_destroy(out);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "outputs are written where the buffer lies that was set")
{
    const auto session = open(options());
    std::vector<float> memory(4, 0);
    void* const in = inputs(session.model, 3);
    void* const out = nux.nux_tensor_array_create_outputs(session.model);
    REQUIRE(nux.tensor_set_buffer(nux.nux_tensor_array_get(out, 0), bytes(memory), 16, nullptr) == success);
    CHECK(nux.nux_session_run(session.session, in, out) == success);
    CHECK(memory == std::vector<float>(4, 6));
    nux.nux_tensor_array_destroy(in);
    nux.nux_tensor_array_destroy(out);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "buffers of a wrong size or alignment are refused, and stay with their owner")
{
    frees = 0;
    const auto session = open(options());
    void* const in = nux.nux_tensor_array_create_inputs(session.model);
    void* const tensor = nux.nux_tensor_array_get(in, 0);
    std::vector<float> memory(8, 1);
    CHECK(nux.tensor_set_buffer(tensor, bytes(memory), 12, count_free) == invalid_buffer);
    CHECK(nux.tensor_set_buffer(tensor, bytes(memory) + 1, 16, count_free) == invalid_buffer);
    CHECK(nux.tensor_fill_buffer(tensor, bytes(memory), 20) == invalid_buffer);
    std::uint8_t* data = nullptr;
    std::uintptr_t size = 0;
    CHECK(nux.tensor_get_buffer(tensor, &data, &size) == invalid_buffer);
    nux.nux_tensor_array_destroy(in);
    CHECK(frees == 0);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "an array outlives its session")
{
    const auto session = open(options());
    void* const in = inputs(session.model, 7);
    close(session);
    CHECK(values(in) == std::vector<float>(4, 7));
    nux.nux_tensor_array_destroy(in);
}
