#include "cli/inference_commands.hpp"

namespace furiosa::cli {

namespace {

using Run = std::function<int()>;

constexpr auto device_help =
    "As cpu, cpu(1)*2, cpu(2)*1 or warboy(2)*1; else $FURIOSA_DEVICES, else a free NPU or the CPU";

void add_compiler_config(CLI::App& command, std::filesystem::path& file)
{
    command
        .add_option("--compiler-config", file,
                    "What the compiler is told, as YAML or JSON: {tune: false, dimensions: {height: 224}}")
        ->type_name("FILE");
}

void add_compile(CLI::App& app, const Settings& settings, CompileArguments& arguments, Run& run)
{
    auto* compile = app.add_subcommand("compile", "Compile an ONNX model into a program (ENF)");
    compile->add_option("SRC", arguments.source, "The ONNX file")->required();
    compile->add_option("-o,--output", arguments.output, "The program file to write")->required()->type_name("FILE");
    compile->add_option("-b,--batch-size", arguments.batch_size, "What the leading dimension is bound to")
        ->type_name("N")
        ->capture_default_str();
    add_compiler_config(*compile, arguments.compiler_config);
    compile->add_option("--target", arguments.target, "What to compile for; this machine's, which `devices` tells")
        ->type_name("TARGET");
    compile->add_option("--dot-graph", arguments.dot_graph, "Write the graph after all passes, for Graphviz")
        ->type_name("FILE");
    compile->footer("Example: furiosa-models compile model.onnx -o model.enf --batch-size 8 --dot-graph model.dot");
    compile->callback([&] { run = [&] { return cli::compile(settings, arguments); }; });
}

void add_infer(CLI::App& app, const Settings& settings, InferArguments& arguments, Run& run)
{
    auto* infer = app.add_subcommand("infer", "Run a model once, on numpy arrays");
    infer->add_option("MODEL_FILE", arguments.model, "An ONNX or program file")->required();
    infer->add_option("-i,--input", arguments.inputs,
                      "An .npy file for the next input, or NAME=FILE; once for each input")
        ->type_name("[NAME=]FILE")
        ->allow_extra_args(false);
    infer->add_option("--output-dir", arguments.output_dir, "Where <output name, with / as _>.npy are written")
        ->required()
        ->type_name("DIR");
    infer->add_option("-d,--device", arguments.device, device_help)->type_name("DEVICE");
    infer->add_option("-b,--batch-size", arguments.batch_size, "What the leading dimension is bound to")
        ->type_name("N")
        ->capture_default_str();
    add_compiler_config(*infer, arguments.compiler_config);
    infer->footer("Example: furiosa-models infer model.onnx --input image=cat.npy --output-dir answers");
    infer->callback([&] { run = [&] { return cli::infer(settings, arguments); }; });
}

void add_inspect(CLI::App& app, const Settings& settings, std::filesystem::path& file, Run& run)
{
    auto* inspect = app.add_subcommand("inspect", "Say what is in a model file: ONNX, ENF, DFG, TFLite");
    inspect->add_option("FILE", file, "The file")->required();
    inspect->callback([&] { run = [&] { return cli::inspect(settings, file); }; });
}

void add_devices(CLI::App& app, const Settings& settings, device::npu::Roots& roots, Run& run)
{
    auto* devices = app.add_subcommand("devices", "List the devices of this machine, and which NPUs are free");
    devices->add_option("--dev", roots.dev, "Where device files are, as a container has its host's")
        ->type_name("DIR")
        ->capture_default_str();
    devices->add_option("--sys", roots.sys, "Where sysfs is")->type_name("DIR")->capture_default_str();
    devices->callback([&] { run = [&] { return cli::devices(settings, roots); }; });
}

void add_bench(CLI::App& app, const Settings& settings, BenchArguments& arguments, Run& run)
{
    auto* bench = app.add_subcommand("bench", "Measure a model on random inputs, which are always the same");
    bench->add_option("MODEL_FILE", arguments.model, "An ONNX or program file")->required();
    bench->add_option("-b,--batch", arguments.batch_size, "Batch size; a query is one batch")
        ->type_name("N")
        ->capture_default_str();
    add_compiler_config(*bench, arguments.compiler_config);
    bench->add_option("-n,--queries", arguments.queries, "How many queries; 100 without --duration")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    bench->add_option("--duration", arguments.seconds, "How long to ask; with -n, whichever ends first")
        ->type_name("SECONDS")
        ->check(CLI::PositiveNumber);
    bench->add_option("-w,--workers", arguments.workers, "Processing elements; else all that the device has")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    bench->add_option("-d,--devices", arguments.device, device_help)->type_name("DEVICE");
    const std::map<std::string, Workload> workloads{{"L", Workload::latency}, {"T", Workload::throughput}};
    bench->add_option("--workload", arguments.workload,
                      "L: one query at a time, for latency; T: as many in flight as the device takes, for throughput")
        ->type_name("L|T")
        ->transform(CLI::CheckedTransformer(workloads, CLI::ignore_case));
    bench->add_flag_callback(
        "--no-compile-cache", [&] { arguments.use_compile_cache = false; }, "Compile anew, and keep nothing");
    bench->add_option("-T,--trace-output", arguments.trace_output, "Write when each operator ran, as a Chrome trace")
        ->type_name("FILE");
    bench->add_option("-o,--output", arguments.output, "Write the JSON into a file too")->type_name("FILE");
    bench->footer("create_ms is the time until the session was ready, compile_ms the part of it that was spent on\n"
                  "compiling: 0 when the program was kept from before. Some queries go before those that are measured.\n"
                  "Example: furiosa-models bench model.onnx --workload T --duration 10 --devices 'cpu(1)*2' --json");
    bench->callback([&] { run = [&] { return cli::bench(settings, arguments); }; });
}

} // namespace

void add_inference_commands(CLI::App& app, const Settings& settings, InferenceArguments& arguments, Run& run)
{
    add_compile(app, settings, arguments.compile, run);
    add_infer(app, settings, arguments.infer, run);
    add_inspect(app, settings, arguments.inspected, run);
    add_devices(app, settings, arguments.roots, run);
    add_bench(app, settings, arguments.bench, run);
}

} // namespace furiosa::cli
