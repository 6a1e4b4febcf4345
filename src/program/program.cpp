#include <furiosa/program/program.hpp>

#include "program/check.hpp"
#include "program/file_header.hpp"
#include "program_generated.h"

#include <furiosa/core/error.hpp>
#include <furiosa/program/file_format.hpp>

#include <cstring>

namespace furiosa::program {

namespace {

[[noreturn]] void fail(std::string_view what)
{
    throw_error(errc::malformed_program, "the program file is damaged: {}", what);
}

std::string read(const flatbuffers::String* text)
{
    return text ? text->str() : std::string();
}

template <class T>
std::vector<T> read(const flatbuffers::Vector<T>* list)
{
    if (!list)
        return {};
    // Copied as bytes: the verifier sees to the bounds of a vector, not to the alignment of its elements.
    std::vector<T> elements(list->size());
    if (!elements.empty())
        std::memcpy(elements.data(), list->Data(), elements.size() * sizeof(T));
    for (auto& element : elements)
        element = flatbuffers::EndianScalar(element);
    return elements;
}

template <class T>
const flatbuffers::Vector<flatbuffers::Offset<T>>& required(const flatbuffers::Vector<flatbuffers::Offset<T>>* list)
{
    if (!list)
        fail("a list is missing");
    return *list;
}

ProgramTensor read_tensor(const fbs::Tensor& table)
{
    ProgramTensor tensor;
    tensor.desc.name = read(table.name());
    if (table.data_type() >= furiosa::detail::data_types.size())
        fail(fmt::format("tensor '{}' has the unknown data type {}", tensor.desc.name, table.data_type()));
    tensor.desc.data_type = static_cast<DataType>(table.data_type());
    try {
        tensor.desc.shape = Shape(read(table.shape()));
    } catch (const Error& error) {
        fail(fmt::format("tensor '{}': {}", tensor.desc.name, error.what()));
    }
    tensor.desc.layout = read(table.layout());
    if (const auto* q = table.quantization()) {
        tensor.desc.quantization.emplace(Quantization{read(q->scales()), read(q->zero_points()), std::nullopt});
        if (q->axis() >= 0)
            tensor.desc.quantization->axis = static_cast<std::size_t>(q->axis());
    }
    tensor.format = read(table.format());
    if (table.location() > static_cast<std::uint8_t>(Location::output))
        fail(fmt::format("tensor '{}' lies in an unknown place", tensor.desc.name));
    tensor.location = static_cast<Location>(table.location());
    tensor.offset = table.offset();
    tensor.size = table.size();
    return tensor;
}

Attribute read_attribute(const fbs::Attribute& table)
{
    const auto integers = read(table.integers());
    const auto reals = read(table.reals());
    switch (table.kind()) {
    case 0:
        if (integers.size() == 1)
            return integers[0];
        break;
    case 1:
        if (reals.size() == 1)
            return reals[0];
        break;
    case 2: return read(table.text());
    case 3: return integers;
    case 4: return reals;
    }
    fail(fmt::format("attribute '{}' is malformed", read(table.name())));
}

ProgramOperator read_operator(const fbs::Operator& table)
{
    ProgramOperator op;
    op.name = read(table.name());
    const auto kind = parse_op_kind(read(table.kind()));
    if (!kind)
        fail(fmt::format("operator '{}' is of the unknown kind '{}'", op.name, read(table.kind())));
    op.kind = *kind;
    op.inputs = read(table.inputs());
    op.outputs = read(table.outputs());
    for (const auto* attribute : required(table.attributes()))
        op.attributes.set(read(attribute->name()), read_attribute(*attribute));
    return op;
}

ProgramContent read_content(const fbs::Program& table, SharedBytes weights)
{
    ProgramContent content;
    content.target = read(table.target());
    content.arena_size = table.arena_size();
    for (const auto* tensor : required(table.tensors()))
        content.tensors.push_back(read_tensor(*tensor));
    for (const auto* op : required(table.operators()))
        content.operators.push_back(read_operator(*op));
    content.inputs = read(table.inputs());
    content.outputs = read(table.outputs());
    content.weights = std::move(weights);
    return content;
}

FileHeader read_header(const SharedBytes& file)
{
    const auto identified = identify(file);
    if (identified.format == FileFormat::vendor_enf || identified.format == FileFormat::vendor_dfg)
        throw_error(errc::program_target_mismatch,
                    "this is {}: it runs on a Warboy NPU only. Give the model's ONNX to have it compiled for the CPU",
                    describe(identified));
    if (identified.format != FileFormat::program)
        throw_error(errc::malformed_program, "this is {}, not a program", describe(identified));
    FileHeader header;
    if (file.size() < sizeof header)
        fail("it ends within its header");
    std::memcpy(&header, file.data(), sizeof header);
    if (header.version != file_version)
        throw_error(errc::program_version_mismatch,
                    "the program file has format version {}, this library reads {}: compile the model again",
                    header.version, file_version);
    const auto inside = [&](std::uint64_t offset, std::uint64_t size) {
        return offset % file_alignment == 0 && offset <= file.size() && size <= file.size() - offset;
    };
    if (header.file_size != file.size())
        fail(fmt::format("it has {} bytes, but its header says {}", file.size(), header.file_size));
    if (!inside(header.table_offset, header.table_size) || header.table_offset < sizeof header ||
        !inside(header.weights_offset, header.weights_size))
        fail("a section lies outside the file");
    return header;
}

std::shared_ptr<const std::vector<TensorDesc>> pick(const ProgramContent& content, const std::vector<TensorIndex>& list)
{
    auto descs = std::make_shared<std::vector<TensorDesc>>();
    for (const auto index : list)
        descs->push_back(content.tensors[index].desc);
    return descs;
}

} // namespace

Program Program::open(SharedBytes file)
{
    const auto header = read_header(file);
    const auto* const table = reinterpret_cast<const std::uint8_t*>(file.data() + header.table_offset);
    constexpr std::size_t deepest = 16;
    constexpr std::size_t most_tables = 10'000'000;
    flatbuffers::Verifier verifier(table, header.table_size, deepest, most_tables);
    if (!fbs::VerifyProgramBuffer(verifier))
        fail("its table is inconsistent");
    auto content = std::make_shared<ProgramContent>(
        read_content(*fbs::GetProgram(table), file.part(header.weights_offset, header.weights_size)));
    check(*content);
    Program program;
    program.inputs_ = pick(*content, content->inputs);
    program.outputs_ = pick(*content, content->outputs);
    program.content_ = std::move(content);
    program.file_ = std::move(file);
    return program;
}

void Program::require_target(std::string_view wanted) const
{
    if (target() != wanted)
        throw_error(errc::program_target_mismatch,
                    "the program was compiled for {}, but the device here is {}: compile the model's ONNX for it",
                    target(), wanted);
}

} // namespace furiosa::program
