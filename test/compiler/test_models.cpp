#include "compiler/run_on_cpu.hpp"

#include <furiosa/compiler/import_onnx.hpp>
#include <furiosa/compiler/reference.hpp>
#include <furiosa/core/shared_bytes.hpp>

#include <filesystem>

using namespace furiosa;

namespace {

/// Runs a model at a batch size on both ways, and its single items on the CPU: all must agree.
void check_model(const std::filesystem::path& file, std::int64_t batch_size)
{
    const auto onnx = SharedBytes::map(file);
    const auto program = test::compile_for_cpu(onnx, batch_size);
    REQUIRE(program.inputs().size() == 1);
    const auto& shape = program.inputs()[0].shape;
    CHECK(shape[0] == batch_size);
    const auto input = test::random_tensor(shape, 1, 0, 1);
    const std::vector<ConstTensorView> views{input};
    const auto got = test::run_on_cpu(program, views);
    const auto expected = compiler::evaluate(compiler::import_onnx(onnx, test::with_batch(batch_size)), views);
    REQUIRE(got.size() == expected.size());
    CHECK(got[0].shape() == expected[0].shape());
    CHECK(test::disagreement(got[0].as<float>(), expected[0].as<float>()) <= 1);

    const auto single = test::compile_for_cpu(onnx, 1);
    const auto item = static_cast<std::size_t>(single.inputs()[0].shape.element_count());
    const auto answer = static_cast<std::size_t>(single.outputs()[0].shape.element_count());
    for (std::size_t i = 0; i != static_cast<std::size_t>(batch_size); ++i) {
        const std::vector<ConstTensorView> one{
            ConstTensorView(std::as_const(input).as<float>().subspan(i * item, item), single.inputs()[0].shape)};
        const auto alone = test::run_on_cpu(single, one);
        CHECK(test::disagreement(alone[0].as<float>(), got[0].as<float>().subspan(i * answer, answer)) <= 1);
    }
}

} // namespace

TEST_CASE("the MNIST model of the ONNX zoo agrees with the reference, alone and in a batch")
{
    const std::filesystem::path file = FURIOSA_SHARED_DIR "/models/mnist-8.onnx";
    if (!std::filesystem::exists(file)) {
        WARN("skipped: " << file << " is not there");
        return;
    }
    check_model(file, 1);
    check_model(file, 4);
}

TEST_CASE("the digit classifier agrees with the reference, alone and in a batch")
{
    check_model(FURIOSA_SOURCE_DIR "/examples/registry/digits/digits.onnx", 1);
    check_model(FURIOSA_SOURCE_DIR "/examples/registry/digits/digits.onnx", 3);
}

TEST_CASE("the same source and options give the same program, to the byte")
{
    const auto onnx = SharedBytes::map(FURIOSA_SOURCE_DIR "/examples/registry/digits/digits.onnx");
    CHECK(test::compile_for_cpu(onnx).bytes().text() == test::compile_for_cpu(onnx).bytes().text());
}

TEST_CASE("all operators of the digit classifier are fused: no batch normalisation, no activation of its own is left")
{
    const auto program = test::compile_for_cpu(SharedBytes::map(FURIOSA_SOURCE_DIR "/examples/registry/digits/digits.onnx"));
    for (const auto& op : program.content().operators) {
        INFO(op.name);
        CHECK((op.kind == program::OpKind::conv || op.kind == program::OpKind::reorder ||
               op.kind == program::OpKind::max_pool || op.kind == program::OpKind::average_pool ||
               op.kind == program::OpKind::mat_mul || op.kind == program::OpKind::softmax));
    }
}
