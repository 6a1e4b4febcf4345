#include "cli/infer.hpp"

#include "cli/compiler_config.hpp"
#include "cli/exit_code.hpp"
#include "cli/npy.hpp"
#include "cli/table.hpp"
#include "cli/write_file.hpp"
#include "core/json_writer.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/session.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace furiosa::cli {

namespace {

bool is_input(const Session& session, std::string_view name)
{
    return std::ranges::find(session.inputs(), name, &TensorDesc::name) != session.inputs().end();
}

/// Those with a name go to it; the others, in their order, to the inputs that are left.
NamedTensors read_inputs(const Session& session, const std::vector<std::string>& arguments)
{
    NamedTensors tensors;
    std::vector<std::string> files;
    for (const auto& argument : arguments) {
        auto equals = argument.find('='); // names and paths may have some of their own
        while (equals != std::string::npos && !is_input(session, argument.substr(0, equals)))
            equals = argument.find('=', equals + 1);
        if (equals == std::string::npos)
            files.push_back(argument);
        else
            tensors.add(argument.substr(0, equals), read_npy(argument.substr(equals + 1)));
    }
    auto file = files.begin();
    for (const auto& input : session.inputs())
        if (file != files.end() && !tensors.find(input.name))
            tensors.add(input.name, read_npy(*file++));
    if (file != files.end())
        throw_error(errc::wrong_tensor_count, "{} inputs were given, the model has {}; '{}' is left over",
                    arguments.size(), session.inputs().size(), *file);
    return tensors;
}

/// A name that stays in its folder.
std::string file_name(std::string name)
{
    std::ranges::replace_if(name, [](char c) { return c == '/' || c == '\0'; }, '_');
    return name + ".npy";
}

/// Which output goes into which file, settled before anything is computed.
std::vector<std::filesystem::path> output_files(const Session& session, const std::filesystem::path& folder)
{
    std::map<std::string, std::string> owners;
    std::vector<std::filesystem::path> files;
    for (const auto& output : session.outputs()) {
        const auto name = file_name(output.name);
        if (const auto [owner, is_new] = owners.emplace(name, output.name); !is_new)
            throw_error(errc::invalid_argument, "the outputs '{}' and '{}' would both be written to '{}'",
                        owner->second, output.name, name);
        files.push_back(folder / name);
    }
    return files;
}

void make_folder(const std::filesystem::path& folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        throw_error(errc::io_error, "{}: cannot be made: {}", folder.native(), error.message());
}

void print(const Session& session, const std::vector<std::filesystem::path>& files, bool as_json)
{
    Table table({"OUTPUT", "TENSOR", "FILE"});
    JsonWriter json;
    json.begin_array();
    for (std::size_t i = 0; i != files.size(); ++i) {
        const auto& desc = session.outputs()[i];
        const auto tensor = fmt::format("{}{}", to_string(desc.data_type), to_string(desc.shape));
        table.add({desc.name, tensor, files[i].native()});
        json.begin_object();
        json.field("output", desc.name);
        json.field("tensor", tensor);
        json.field("path", files[i].native());
        json.end_object();
    }
    json.end_array();
    fmt::print("{}", as_json ? json.take() : table.text());
}

} // namespace

int infer(const Settings& settings, const InferArguments& arguments)
{
    Context context;
    settings.open_store(context);
    SessionOptions options(arguments.device);
    options.context = &context;
    options.batch_size = arguments.batch_size;
    options.compiler_config = compiler_config(arguments.compiler_config);
    auto session = wait_for(context, create_session(arguments.model, options));
    const auto files = output_files(session, arguments.output_dir);
    auto inputs = read_inputs(session, arguments.inputs);
    make_folder(arguments.output_dir);
    const auto outputs = wait_for(context, session.run(std::move(inputs)));
    std::size_t i = 0;
    for (const auto& [name, tensor] : outputs)
        write_file(files[i++], to_npy(tensor));
    if (!settings.quiet)
        print(session, files, settings.json);
    return exit_code::done;
}

} // namespace furiosa::cli
