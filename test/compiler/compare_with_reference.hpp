#pragma once

#include "compiler/onnx_builder.hpp"
#include "compiler/run_on_cpu.hpp"

#include <furiosa/compiler/import_onnx.hpp>
#include <furiosa/compiler/reference.hpp>

#include <algorithm>
#include <string_view>

namespace furiosa::test {

/// Compiles a model, runs it on one thread and on two, and compares with the reference. Gives the program.
inline program::Program compare_with_reference(const OnnxBuilder& builder, const std::vector<Tensor>& inputs,
                                               bool tune = false)
{
    const auto bytes = builder.bytes();
    const auto onnx = std::as_bytes(std::span(bytes));
    compiler::CompileOptions options;
    options.target = device::cpu::target();
    options.tune = tune;
    const auto program = compiler::compile(onnx, options);
    const std::vector<ConstTensorView> views(inputs.begin(), inputs.end());
    const auto expected = compiler::evaluate(compiler::import_onnx(onnx), views);
    for (const unsigned threads : {1u, 2u}) {
        const auto got = run_on_cpu(program, views, threads);
        REQUIRE(got.size() == expected.size());
        for (std::size_t i = 0; i != got.size(); ++i) {
            CAPTURE(threads, i);
            CHECK(disagreement(got[i].as<float>(), expected[i].as<float>(), 1e-4, 1e-4) <= 1);
        }
    }
    return program;
}

inline std::ptrdiff_t count(const program::Program& program, program::OpKind kind)
{
    return std::ranges::count(program.content().operators, kind, &program::ProgramOperator::kind);
}

inline std::ptrdiff_t count_plain(const program::Program& program)
{
    return std::ranges::count_if(program.content().operators,
                                 [](const auto& op) { return op.attributes.integer("plain") != 0; });
}

inline std::ptrdiff_t count_algorithm(const program::Program& program, std::string_view algorithm)
{
    return std::ranges::count_if(program.content().operators, [&](const auto& op) {
        return op.attributes.template get<std::string>("algorithm").starts_with(algorithm);
    });
}

} // namespace furiosa::test
