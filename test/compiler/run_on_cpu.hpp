#pragma once

#include <furiosa/compiler/compile.hpp>
#include <furiosa/core/tensor.hpp>
#include <furiosa/device/cpu/executor.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <random>
#include <vector>

namespace furiosa::test {

inline compiler::ImportOptions with_batch(std::int64_t size)
{
    compiler::ImportOptions options;
    options.batch_size = size;
    return options;
}

/// Not tuned, so that a test does the same each time.
inline program::Program compile_for_cpu(std::span<const std::byte> onnx, std::int64_t batch_size = 1)
{
    compiler::CompileOptions options;
    options.batch_size = batch_size;
    options.target = device::cpu::target();
    options.tune = false;
    return compiler::compile(onnx, options);
}

/// The outputs of a program for `inputs`, computed on the calling thread.
inline std::vector<Tensor> run_on_cpu(const program::Program& program, std::span<const ConstTensorView> inputs,
                                      unsigned threads = 1)
{
    std::vector<Tensor> outputs;
    for (const auto& desc : program.outputs())
        outputs.emplace_back(desc.data_type, desc.shape);
    const std::vector<TensorView> views(outputs.begin(), outputs.end());
    device::cpu::Executor(program, threads).execute(inputs, views);
    return outputs;
}

inline Tensor random_tensor(const Shape& shape, unsigned seed, float low = -1, float high = 1)
{
    Tensor tensor(DataType::float32, shape);
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> value(low, high);
    for (auto& element : tensor.as<float>())
        element = value(random);
    return tensor;
}

/// The largest |got - expected| / (absolute + relative * |expected|): at most 1 where they agree.
inline double disagreement(std::span<const float> got, std::span<const float> expected, double relative = 1e-4,
                           double absolute = 1e-5)
{
    if (got.size() != expected.size())
        return INFINITY;
    double worst = 0;
    for (std::size_t i = 0; i != got.size(); ++i) {
        if (std::isnan(got[i]) != std::isnan(expected[i]))
            return INFINITY;
        if (got[i] != expected[i] && !std::isnan(got[i]))
            worst = std::max(worst, std::abs(double(got[i]) - expected[i]) / (absolute + relative * std::abs(expected[i])));
    }
    return worst;
}

} // namespace furiosa::test
