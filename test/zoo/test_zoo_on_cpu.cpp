#include "compiler/run_on_cpu.hpp"
#include "zoo/zoo.hpp"

#include <furiosa/compiler/import_onnx.hpp>
#include <furiosa/compiler/reference.hpp>
#include <furiosa/core/error.hpp>

using namespace furiosa;

namespace {

/// |got - expected| / |expected|, of the vectors.
double relative_difference(std::span<const float> got, std::span<const float> expected)
{
    double error = 0;
    double norm = 0;
    for (std::size_t i = 0; i != expected.size(); ++i) {
        error += std::pow(double(got[i]) - expected[i], 2);
        norm += std::pow(double(expected[i]), 2);
    }
    return std::sqrt(error / norm);
}

void check_against_reference(const std::string& name)
{
    zoo::Options small;
    small.input_size = 64;
    small.width = 0.25;
    const auto onnx = zoo::make(name, small).SerializeAsString();
    const auto bytes = std::as_bytes(std::span(onnx));
    const auto program = test::compile_for_cpu(bytes);
    const auto image = test::random_tensor(program.inputs().at(0).shape, 1, -1.7f, 1.7f);
    const std::vector<ConstTensorView> inputs{image};
    const auto got = test::run_on_cpu(program, inputs);
    const auto expected = compiler::evaluate(compiler::import_onnx(bytes), inputs);
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i != got.size(); ++i) {
        INFO(program.outputs()[i].name);
        REQUIRE(got[i].shape() == expected[i].shape());
        CHECK(relative_difference(got[i].as<float>(), expected[i].as<float>()) < 1e-4);
    }
}

} // namespace

TEST_CASE("small versions of the zoo's architectures agree with the reference on the CPU")
{
    for (const auto& name : zoo::names()) {
        INFO(name);
        try {
            check_against_reference(name);
        } catch (const Error& error) {
            // The compiler does not know all operators of the zoo yet.
            if (error.code() != errc::unsupported_operator)
                throw;
            WARN(name << " does not compile: " << error.what());
        }
    }
}
