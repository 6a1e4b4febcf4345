#include "cli/exit_code.hpp"
#include "cli/file_summary.hpp"
#include "cli/settings.hpp"
#include "core/json_writer.hpp"
#include "model/terminal_text.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace furiosa::cli {

namespace {

using compiler::DeclaredTensor;
using Count = std::pair<std::string, std::size_t>;

void write_extent(JsonWriter& json, const compiler::DeclaredExtent& extent)
{
    if (const auto* number = std::get_if<std::int64_t>(&extent))
        json.number(*number);
    else if (const auto* symbol = std::get_if<std::string>(&extent))
        json.string(*symbol);
    else
        json.raw("null");
}

void write_tensors(JsonWriter& json, std::string_view key, const std::vector<DeclaredTensor>& tensors)
{
    json.key(key);
    json.begin_array();
    json.begin_line();
    for (const auto& tensor : tensors) {
        json.begin_object();
        json.field("name", tensor.name);
        json.field("type", tensor.type);
        if (tensor.has_rank) {
            json.key("shape");
            json.begin_array();
            for (const auto& extent : tensor.extents)
                write_extent(json, extent);
            json.end_array();
        }
        json.end_object();
    }
    json.end_line();
    json.end_array();
}

template <class Map>
void write_counts(JsonWriter& json, std::string_view key, const Map& counts)
{
    json.key(key);
    json.begin_object();
    for (const auto& [name, count] : counts)
        json.field(name, count);
    json.end_object();
}

std::size_t total(const std::map<std::string, std::size_t>& operators)
{
    std::size_t count = 0;
    for (const auto& [name, occurrences] : operators)
        count += occurrences;
    return count;
}

std::string json_of(const FileSummary& summary, const std::string& path)
{
    JsonWriter json;
    json.begin_object();
    json.field("path", path);
    json.field("format", summary.format);
    json.field("size", summary.size);
    if (!summary.ir_version.empty()) {
        json.key("ir_version"); // a number in ONNX, four bytes in the vendor's files
        summary.format == "onnx" ? json.raw(summary.ir_version) : json.string(summary.ir_version);
    }
    using Said = std::pair<const char*, std::string>;
    for (const auto& [key, text] : {Said{"producer", summary.producer}, Said{"target", summary.target}})
        if (!text.empty())
            json.field(key, text);
    if (!summary.opsets.empty())
        write_counts(json, "opsets", summary.opsets);
    write_tensors(json, "inputs", summary.inputs);
    write_tensors(json, "outputs", summary.outputs);
    if (summary.operators) {
        json.field("operator_count", total(*summary.operators));
        write_counts(json, "operators", *summary.operators);
    }
    if (summary.weights_size)
        json.field("weights_size", *summary.weights_size);
    if (summary.arena_size)
        json.field("arena_size", *summary.arena_size);
    json.end_object();
    return json.take();
}

/// What the file says, for the terminal.
void print_line(std::string_view heading, std::string_view text)
{
    if (!text.empty())
        fmt::print("{:<10}{}\n", heading, model::printable(text));
}

/// "5 Conv, 2 Relu": the most frequent first.
std::string histogram(const std::map<std::string, std::size_t>& operators)
{
    std::vector<Count> counts(operators.begin(), operators.end());
    std::ranges::sort(counts, [](const Count& a, const Count& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    std::string text;
    for (const auto& [name, count] : counts)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
    return text;
}

void print_text(const FileSummary& summary, const std::string& path)
{
    print_line("file", fmt::format("{} ({})", path, model::bytes_text(summary.size)));
    print_line("format", fmt::format("{}, {}", summary.format, summary.description));
    print_line("IR", summary.ir_version);
    print_line("producer", summary.producer);
    print_line("target", summary.target);
    for (const auto& [domain, version] : summary.opsets)
        print_line("opset", fmt::format("{} {}", domain, version));
    for (const auto& tensor : summary.inputs)
        print_line("input", to_string(tensor));
    for (const auto& tensor : summary.outputs)
        print_line("output", to_string(tensor));
    if (summary.operators)
        print_line("operators", fmt::format("{}: {}", total(*summary.operators), histogram(*summary.operators)));
    else
        print_line("operators", "not known: this format is recognised, not read");
    if (summary.weights_size)
        print_line("weights", model::bytes_text(*summary.weights_size));
    if (summary.arena_size)
        print_line("arena", model::bytes_text(*summary.arena_size));
}

} // namespace

int inspect(const Settings& settings, const std::filesystem::path& file)
{
    FileSummary summary;
    const auto bytes = SharedBytes::map(file);
    try {
        summary = summarize(bytes);
    } catch (const Error& error) {
        throw error.within(file.native());
    }
    if (settings.json)
        fmt::print("{}", json_of(summary, file.native()));
    else
        print_text(summary, file.native());
    return exit_code::done;
}

} // namespace furiosa::cli
