#include "conformance/conformance_case.hpp"

#include "compiler/onnx/tensor_proto.hpp"
#include "conformance/bound_inputs.hpp"

#include <furiosa/compiler/compile.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/core/half.hpp>
#include <furiosa/core/tensor.hpp>
#include <furiosa/device/cpu/executor.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <vector>

namespace furiosa::test {

namespace fs = std::filesystem;

namespace {

struct Failure
{
    std::string why;
};

template <class Proto>
Proto read_proto(const fs::path& file)
{
    Proto proto;
    std::ifstream stream(file, std::ios::binary);
    if (!proto.ParseFromIstream(&stream))
        throw Failure{file.filename().native() + " is damaged, or no tensor"};
    return proto;
}

/// input_0.pb, input_1.pb, … of a data set.
std::vector<compiler::Value> read_tensors(const fs::path& folder, std::string_view stem)
{
    std::vector<compiler::Value> tensors;
    for (int i = 0;; ++i) {
        const auto file = folder / fmt::format("{}_{}.pb", stem, i);
        if (!fs::exists(file))
            return tensors;
        tensors.push_back(compiler::read_tensor(read_proto<onnx::TensorProto>(file)));
    }
}

float real_at(const ConstTensorView& view, std::size_t i)
{
    if (view.data_type() == DataType::float16)
        return float16_to_float(reinterpret_cast<const std::uint16_t*>(view.data())[i]);
    return view.as<float>()[i];
}

bool is_close(float got, float expected)
{
    if (std::isnan(got) || std::isnan(expected))
        return std::isnan(got) && std::isnan(expected);
    return got == expected || std::abs(double(got) - expected) <= 1e-7 + 1e-3 * std::abs(double(expected));
}

void compare(std::size_t index, const ConstTensorView& got, const ConstTensorView& expected)
{
    if (got.data_type() != expected.data_type() || got.shape() != expected.shape())
        throw Failure{fmt::format("output {} is {}{} instead of {}{}", index, to_string(got.data_type()),
                                  to_string(got.shape()), to_string(expected.data_type()), to_string(expected.shape()))};
    if (got.data_type() != DataType::float32 && got.data_type() != DataType::float16) {
        if (!std::ranges::equal(got.bytes(), expected.bytes()))
            throw Failure{fmt::format("output {} has other integers", index)};
        return;
    }
    for (std::size_t i = 0; i != static_cast<std::size_t>(got.shape().element_count()); ++i)
        if (!is_close(real_at(got, i), real_at(expected, i)))
            throw Failure{fmt::format("output {}: element {} is {} instead of {}", index, i, real_at(got, i),
                                      real_at(expected, i))};
}

/// The names of the inputs that data sets have a file for.
std::vector<std::string> input_names(const onnx::GraphProto& graph)
{
    std::vector<std::string> names;
    for (const auto& input : graph.input())
        if (std::ranges::none_of(graph.initializer(), [&](const auto& weight) { return weight.name() == input.name(); }))
            names.push_back(input.name());
    return names;
}

void run_data_set(const fs::path& folder, const SharedBytes& source, const onnx::GraphProto& graph)
{
    const auto given = read_tensors(folder, "input");
    const auto expected = read_tensors(folder, "output");
    const auto names = input_names(graph);
    if (given.size() != names.size())
        throw Failure{fmt::format("{} inputs are given, the model has {}", given.size(), names.size())};
    const auto decisive = inputs_that_decide_shapes(graph);
    compiler::CompileOptions options;
    options.target = device::cpu::target();
    std::vector<ConstTensorView> inputs;
    for (std::size_t i = 0; i != given.size(); ++i)
        if (decisive.contains(names[i]))
            options.constants.emplace(names[i], Tensor::copy_of(given[i].view()));
        else
            inputs.push_back(given[i].view());
    const auto program = compiler::compile(source, options);
    for (std::size_t i = 0; i != inputs.size(); ++i)
        if (inputs[i].data_type() != program.inputs()[i].data_type || inputs[i].shape() != program.inputs()[i].shape)
            throw Failure{fmt::format("input {} is {}{}, the model declares {}", i, to_string(inputs[i].data_type()),
                                      to_string(inputs[i].shape()), to_string(program.inputs()[i]))};
    std::vector<Tensor> outputs;
    for (const auto& desc : program.outputs())
        outputs.emplace_back(desc.data_type, desc.shape);
    const std::vector<TensorView> views(outputs.begin(), outputs.end());
    device::cpu::Executor(program, 1).execute(inputs, views);
    if (outputs.size() != expected.size())
        throw Failure{fmt::format("has {} outputs instead of {}", outputs.size(), expected.size())};
    for (std::size_t i = 0; i != outputs.size(); ++i)
        compare(i, outputs[i], expected[i].view());
}

} // namespace

std::string run_conformance_case(const fs::path& folder)
{
    try {
        const auto source = SharedBytes::map(folder / "model.onnx");
        const auto model = read_proto<onnx::ModelProto>(folder / "model.onnx");
        int sets = 0;
        for (const auto& entry : fs::directory_iterator(folder))
            if (entry.path().filename().native().starts_with("test_data_set_")) {
                run_data_set(entry.path(), source, model.graph());
                ++sets;
            }
        return sets == 0 ? "has no data set" : "";
    } catch (const Failure& failure) {
        return failure.why;
    } catch (const std::exception& error) {
        return error.what();
    }
}

} // namespace furiosa::test
