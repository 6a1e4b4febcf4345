#include "compiler/onnx_builder.hpp"
#include "compiler/run_on_cpu.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/compiler/import_onnx.hpp>
#include <furiosa/core/shared_bytes.hpp>

using namespace furiosa;
using test::OnnxBuilder;
using test::with_batch;

namespace {

std::string sentence_of(const std::string& bytes, errc expected, std::int64_t batch_size = 1)
{
    try {
        compiler::import_onnx(std::as_bytes(std::span(bytes)), with_batch(batch_size));
        FAIL_CHECK("it was imported");
        return "";
    } catch (const Error& error) {
        INFO(error.what());
        CHECK(error.code() == expected);
        return error.what();
    }
}

compiler::Graph import(const OnnxBuilder& builder, std::int64_t batch_size = 1)
{
    const auto bytes = builder.bytes();
    return compiler::import_onnx(std::as_bytes(std::span(bytes)), with_batch(batch_size));
}

void import_all(const std::string& bytes)
{
    compiler::import_onnx(std::as_bytes(std::span(bytes)));
}

} // namespace

TEST_CASE("bytes that are no ONNX model are refused")
{
    sentence_of("", errc::malformed_model);
    sentence_of("hello, world", errc::malformed_model);
    sentence_of(std::string(1000, '\xff'), errc::malformed_model);
    const auto whole = SharedBytes::map(FURIOSA_SOURCE_DIR "/examples/registry/digits/digits.onnx");
    sentence_of(std::string(whole.text().substr(0, whole.size() / 2)), errc::malformed_model);
}

TEST_CASE("all operators that are not supported are listed at once, with their nodes")
{
    OnnxBuilder builder;
    builder.input("x", {1, 2}).node("Einsum", {"x"}, {"a"}).node("Relu", {"a"}, {"b"}).node("GRU", {"b"}, {"y"}).output("y");
    const auto sentence = sentence_of(builder.bytes(), errc::unsupported_operator);
    CHECK_THAT(sentence, Catch::Contains("Einsum") && Catch::Contains("'a'") && Catch::Contains("GRU") && Catch::Contains("'y'"));
    CHECK_THAT(sentence, !Catch::Contains("Relu"));
}

TEST_CASE("a symbolic leading dimension is bound to the batch size, another one is an error that names it")
{
    OnnxBuilder builder;
    builder.symbolic_input("x", "N", {3}).node("Relu", {"x"}, {"y"}).output("y");
    CHECK(import(builder, 5).shape(import(builder, 5).outputs[0]) == Shape{5, 3});

    OnnxBuilder dynamic;
    dynamic.symbolic_input("x", "length", {3}, 1).node("Relu", {"x"}, {"y"}).output("y");
    CHECK_THAT(sentence_of(dynamic.bytes(), errc::dynamic_dimension), Catch::Contains("length") && Catch::Contains("'x'"));
}

TEST_CASE("an opset that is newer than this library is refused")
{
    OnnxBuilder builder(999);
    builder.input("x", {1}).node("Relu", {"x"}, {"y"}).output("y");
    CHECK_THAT(sentence_of(builder.bytes(), errc::not_supported), Catch::Contains("999"));
}

TEST_CASE("nodes that read what nothing makes, or twice-made values, are refused")
{
    OnnxBuilder missing;
    missing.input("x", {1}).node("Add", {"x", "nowhere"}, {"y"}).output("y");
    CHECK_THAT(sentence_of(missing.bytes(), errc::malformed_model), Catch::Contains("nowhere"));

    OnnxBuilder loop;
    loop.input("x", {1}).node("Add", {"x", "b"}, {"a"}).node("Relu", {"a"}, {"b"}).output("b");
    sentence_of(loop.bytes(), errc::malformed_model);

    OnnxBuilder twice;
    twice.input("x", {1}).node("Relu", {"x"}, {"y"}).node("Relu", {"x"}, {"y"}).output("y");
    sentence_of(twice.bytes(), errc::malformed_model);

    OnnxBuilder no_output;
    no_output.input("x", {1}).node("Relu", {"x"}, {"y"}).output("z");
    CHECK_THAT(sentence_of(no_output.bytes(), errc::malformed_model), Catch::Contains("'z'"));
}

TEST_CASE("an attribute that would change the meaning, and is not known, is refused")
{
    OnnxBuilder builder;
    builder.input("x", {1}).node("Relu", {"x"}, {"y"}).integer("mystery", 1).output("y");
    CHECK_THAT(sentence_of(builder.bytes(), errc::unsupported_operator), Catch::Contains("mystery"));
}

TEST_CASE("shapes that do not go together are refused, by the name of the node")
{
    OnnxBuilder product;
    product.input("x", {2, 3}).input("w", {4, 5}).node("MatMul", {"x", "w"}, {"product"}).output("product");
    CHECK_THAT(sentence_of(product.bytes(), errc::invalid_shape), Catch::Contains("product"));

    OnnxBuilder sum;
    sum.input("x", {2, 3}).input("w", {2, 4}).node("Add", {"x", "w"}, {"sum"}).output("sum");
    CHECK_THAT(sentence_of(sum.bytes(), errc::invalid_shape), Catch::Contains("sum"));

    OnnxBuilder reshape;
    reshape.input("x", {2, 3}).integers("shape", {4, -1}).node("Reshape", {"x", "shape"}, {"y"}).output("y");
    CHECK_THAT(sentence_of(reshape.bytes(), errc::invalid_shape), Catch::Contains("'y'"));

    OnnxBuilder huge; // a product that 64 bits hold, but not once more times the batch
    huge.input("x", {4, 2}).integers("shape", {1, INT64_MAX}).node("Reshape", {"x", "shape"}, {"y"}).output("y");
    CHECK_THAT(sentence_of(huge.bytes(), errc::invalid_shape), Catch::Contains("'y'"));
}

TEST_CASE("weights that are shorter than their shape, negative or elsewhere are refused")
{
    const auto with_weight = [](auto change) {
        OnnxBuilder builder;
        builder.input("x", {1, 2}).weight("w", test::random_tensor({1, 2}, 1)).node("Add", {"x", "w"}, {"y"}).output("y");
        change(*builder.model().mutable_graph()->mutable_initializer(0));
        return builder.bytes();
    };
    sentence_of(with_weight([](onnx::TensorProto& w) { w.set_dims(1, 1000); }), errc::malformed_model);
    sentence_of(with_weight([](onnx::TensorProto& w) { w.set_dims(1, -2); }), errc::malformed_model);
    sentence_of(with_weight([](onnx::TensorProto& w) { w.set_dims(1, INT64_MAX); }), errc::malformed_model);
    CHECK_THROWS_AS(import_all(with_weight([](onnx::TensorProto& w) {
                        w.set_data_location(onnx::TensorProto::EXTERNAL);
                        w.clear_raw_data();
                    })),
                    Error);
}

TEST_CASE("a damaged model is refused or imported, and never brings the process down")
{
    const auto whole = SharedBytes::map(FURIOSA_SOURCE_DIR "/examples/registry/digits/digits.onnx");
    std::mt19937 random(7);
    int refused = 0;
    for (int round = 0; round != 300; ++round) {
        std::string bytes(whole.text());
        // The structure stands around the weights: most of its bytes are in the last and first kilobytes.
        for (int i = 0; i != 4; ++i) {
            const auto place = random() % 4096;
            bytes[random() % 2 ? place : bytes.size() - 1 - place] = static_cast<char>(random());
        }
        try {
            import_all(bytes);
        } catch (const Error&) {
            ++refused;
        }
    }
    CHECK(refused > 0);
}
