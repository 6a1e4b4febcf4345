#include "cli/compile.hpp"

#include "cli/compiler_config.hpp"
#include "cli/exit_code.hpp"
#include "cli/write_file.hpp"
#include "core/json_writer.hpp"
#include "model/terminal_text.hpp"

#include <furiosa/compiler/compile.hpp>
#include <furiosa/compiler/compiler_config.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/core/shared_bytes.hpp>
#include <furiosa/device/list_devices.hpp>

#include <fmt/format.h>

namespace furiosa::cli {

namespace {

std::string target_of_this_machine()
{
    const auto devices = blocking::list_devices();
    return devices.empty() ? "" : devices.front().target;
}

void print_json(const CompileArguments& arguments, const program::Program& program)
{
    JsonWriter json;
    json.begin_object();
    json.field("source", arguments.source.native());
    json.field("output", arguments.output.native());
    json.field("target", program.target());
    json.field("batch_size", arguments.batch_size);
    json.field("operators", program.content().operators.size());
    json.field("size", program.bytes().size());
    json.field("weights_size", program.content().weights.size());
    json.field("arena_size", program.arena_size());
    json.end_object();
    fmt::print("{}", json.take());
}

} // namespace

int compile(const Settings& settings, const CompileArguments& arguments)
{
    compiler::CompileOptions options;
    options.batch_size = arguments.batch_size;
    options.target = arguments.target.empty() ? target_of_this_machine() : arguments.target;
    compiler::read_compiler_config(compiler_config(arguments.compiler_config), options);
    const auto source = SharedBytes::map(arguments.source);
    program::Program program;
    try {
        program = compiler::compile(source, options);
        if (!arguments.dot_graph.empty())
            write_file(arguments.dot_graph, to_dot(compiler::optimized_graph(source, options)));
    } catch (const Error& error) {
        throw error.within(arguments.source.native());
    }
    write_file(arguments.output, program.bytes().text());
    if (settings.json)
        print_json(arguments, program);
    else
        fmt::print("{}: {} operators for {}, {}, an arena of {}\n", arguments.output.native(),
                   program.content().operators.size(), program.target(), model::bytes_text(program.bytes().size()),
                   model::bytes_text(program.arena_size()));
    return exit_code::done;
}

} // namespace furiosa::cli
