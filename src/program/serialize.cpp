#include <furiosa/program/program.hpp>

#include "program/file_header.hpp"
#include "program_generated.h"

#include <algorithm>
#include <cstring>

namespace furiosa::program {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

Offset<fbs::Quantization> write(FlatBufferBuilder& out, const std::optional<Quantization>& quantization)
{
    if (!quantization)
        return 0;
    const auto scales = out.CreateVector(quantization->scales);
    const auto zero_points = out.CreateVector(quantization->zero_points);
    return fbs::CreateQuantization(out, scales, zero_points,
                                   quantization->axis ? static_cast<std::int32_t>(*quantization->axis) : -1);
}

Offset<fbs::Tensor> write(FlatBufferBuilder& out, const ProgramTensor& tensor)
{
    const auto& desc = tensor.desc;
    const auto name = out.CreateString(desc.name);
    const auto shape = out.CreateVector(desc.shape.begin(), desc.shape.rank());
    const auto layout = out.CreateString(desc.layout);
    const auto quantization = write(out, desc.quantization);
    const auto format = out.CreateString(tensor.format);
    return fbs::CreateTensor(out, name, static_cast<std::uint8_t>(desc.data_type), shape, layout, quantization, format,
                             static_cast<std::uint8_t>(tensor.location), tensor.offset, tensor.size);
}

Offset<fbs::Attribute> write(FlatBufferBuilder& out, const std::string& name, const Attribute& attribute)
{
    std::string text;
    std::vector<std::int64_t> integers;
    std::vector<float> reals;
    if (const auto* integer = std::get_if<std::int64_t>(&attribute))
        integers = {*integer};
    else if (const auto* real = std::get_if<float>(&attribute))
        reals = {*real};
    else if (const auto* string = std::get_if<std::string>(&attribute))
        text = *string;
    else if (const auto* list = std::get_if<std::vector<std::int64_t>>(&attribute))
        integers = *list;
    else
        reals = std::get<std::vector<float>>(attribute);
    const auto name_offset = out.CreateString(name);
    const auto text_offset = out.CreateString(text);
    const auto integers_offset = out.CreateVector(integers);
    const auto reals_offset = out.CreateVector(reals);
    return fbs::CreateAttribute(out, name_offset, static_cast<std::uint8_t>(attribute.index()), text_offset,
                                integers_offset, reals_offset);
}

Offset<fbs::Operator> write(FlatBufferBuilder& out, const ProgramOperator& op)
{
    std::vector<Offset<fbs::Attribute>> attributes;
    for (const auto& [name, value] : op.attributes.all())
        attributes.push_back(write(out, name, value));
    const auto kind = out.CreateString(std::string(to_string(op.kind)));
    const auto name = out.CreateString(op.name);
    const auto inputs = out.CreateVector(op.inputs);
    const auto outputs = out.CreateVector(op.outputs);
    const auto attributes_offset = out.CreateVector(attributes);
    return fbs::CreateOperator(out, kind, name, inputs, outputs, attributes_offset);
}

FlatBufferBuilder write_table(const ProgramContent& content)
{
    FlatBufferBuilder out;
    std::vector<Offset<fbs::Tensor>> tensors;
    for (const auto& tensor : content.tensors)
        tensors.push_back(write(out, tensor));
    std::vector<Offset<fbs::Operator>> operators;
    for (const auto& op : content.operators)
        operators.push_back(write(out, op));
    const auto target = out.CreateString(content.target);
    const auto tensors_offset = out.CreateVector(tensors);
    const auto operators_offset = out.CreateVector(operators);
    const auto inputs = out.CreateVector(content.inputs);
    const auto outputs = out.CreateVector(content.outputs);
    out.Finish(fbs::CreateProgram(out, target, content.arena_size, tensors_offset, operators_offset, inputs, outputs));
    return out;
}

} // namespace

SharedBytes serialize(const ProgramContent& content)
{
    const auto table = write_table(content);
    FileHeader header{};
    std::copy(file_magic.begin(), file_magic.end(), header.magic);
    header.version = file_version;
    header.table_offset = sizeof(FileHeader);
    header.table_size = table.GetSize();
    header.weights_offset = align_up(header.table_offset + header.table_size);
    header.weights_size = content.weights.size();
    header.file_size = header.weights_offset + header.weights_size;

    std::vector<std::byte> file(header.file_size);
    std::memcpy(file.data(), &header, sizeof header);
    std::memcpy(file.data() + header.table_offset, table.GetBufferPointer(), table.GetSize());
    if (!content.weights.empty())
        std::memcpy(file.data() + header.weights_offset, content.weights.data(), content.weights.size());
    return SharedBytes::own(std::move(file));
}

} // namespace furiosa::program
