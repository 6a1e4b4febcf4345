#include "cli/file_summary.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/program/file_format.hpp>
#include <furiosa/program/program.hpp>

namespace furiosa::cli {

namespace {

using program::FileFormat;

std::vector<compiler::DeclaredTensor> declared(const std::vector<TensorDesc>& descs)
{
    std::vector<compiler::DeclaredTensor> tensors;
    for (const auto& desc : descs) {
        auto& tensor = tensors.emplace_back();
        tensor.name = desc.name;
        tensor.type = to_string(desc.data_type);
        tensor.has_rank = true;
        tensor.extents.assign(desc.shape.begin(), desc.shape.end());
    }
    return tensors;
}

void add_program(const SharedBytes& file, FileSummary& summary)
{
    const auto program = program::Program::open(file);
    summary.format = "enf";
    summary.target = program.target();
    summary.inputs = declared(program.inputs());
    summary.outputs = declared(program.outputs());
    auto& operators = summary.operators.emplace();
    for (const auto& op : program.content().operators)
        ++operators[std::string(to_string(op.kind))];
    summary.weights_size = program.content().weights.size();
    summary.arena_size = program.arena_size();
}

void add_onnx(const SharedBytes& file, FileSummary& summary)
{
    auto onnx = compiler::summarize_onnx(file);
    summary.format = "onnx";
    summary.description = "an ONNX model";
    if (onnx.external != 0)
        summary.description +=
            fmt::format(", with {} of its {} initializers in other files", onnx.external, onnx.initializers);
    summary.ir_version = std::to_string(onnx.ir_version);
    summary.producer = std::move(onnx.producer);
    summary.opsets = std::move(onnx.opsets);
    summary.inputs = std::move(onnx.inputs);
    summary.outputs = std::move(onnx.outputs);
    summary.operators = std::move(onnx.operators);
    summary.weights_size = onnx.weights_size;
}

} // namespace

FileSummary summarize(const SharedBytes& file)
{
    const auto identified = program::identify(file);
    FileSummary summary;
    summary.size = file.size();
    summary.description = describe(identified);
    summary.ir_version = identified.ir_version;
    switch (identified.format) {
    case FileFormat::program: add_program(file, summary); break;
    case FileFormat::vendor_enf: summary.format = "warboy-enf"; break;
    case FileFormat::vendor_dfg: summary.format = "warboy-dfg"; break;
    case FileFormat::tflite: summary.format = "tflite"; break;
    case FileFormat::onnx:
    case FileFormat::unknown: add_onnx(file, summary); break; // the parser knows
    }
    return summary;
}

} // namespace furiosa::cli
