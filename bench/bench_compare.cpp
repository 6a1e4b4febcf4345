// A model through a session of this library against the same through ONNX Runtime, round by round.
//
//     bench_compare MODEL.onnx --node-modules DIR [--threads N] [--rounds R] [--runs K] [--create C]
//
// K runs a round; without it, as many as fit in half a second. Both engines get the same random image and
// write into outputs that are there already. One line, of fields with tabs between them:
//
//     model, threads, ms of: our compilation, making a session (ours from the program, theirs from the ONNX),
//     p50 (ours, theirs), p99 (ours, theirs), the largest relative L2 difference of an output, what went
//     wrong
//
// A "-" stands for what could not be measured. compare_onnxruntime.sh makes a table of it.

#include "furiosa_engine.hpp"
#include "onnxruntime_engine.hpp"
#include "statistics.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <random>
#include <thread>

namespace {

struct Arguments
{
    std::filesystem::path model;
    std::filesystem::path node_modules;
    unsigned threads = 1;
    std::size_t rounds = 5;
    std::size_t runs = 0;
    std::size_t create = 3;
};

Arguments parse(int argc, char** argv)
{
    Arguments result;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (!word.starts_with("--")) {
            result.model = word;
            continue;
        }
        if (++i == argc)
            throw std::invalid_argument(fmt::format("{} takes a value", word));
        if (word == "--node-modules")
            result.node_modules = argv[i];
        else if (word == "--threads")
            result.threads = static_cast<unsigned>(std::stoul(argv[i]));
        else if (word == "--rounds")
            result.rounds = std::stoul(argv[i]);
        else if (word == "--runs")
            result.runs = std::stoul(argv[i]);
        else if (word == "--create")
            result.create = std::max<std::size_t>(std::stoul(argv[i]), 1);
        else
            throw std::invalid_argument(fmt::format("there is no option {}", word));
    }
    if (result.model.empty() || result.node_modules.empty())
        throw std::invalid_argument("a model and --node-modules are needed");
    return result;
}

/// A random image of the size that the model's first input has; of mean 0 and variance 1.
std::vector<float> random_input(const std::filesystem::path& file)
{
    onnx::ModelProto model;
    std::ifstream stream(file, std::ios::binary);
    if (!model.ParseFromIstream(&stream) || model.graph().input_size() == 0)
        throw std::invalid_argument(file.native() + " is no ONNX model");
    std::size_t count = 1;
    for (const auto& extent : model.graph().input(0).type().tensor_type().shape().dim())
        count *= static_cast<std::size_t>(std::max<std::int64_t>(extent.dim_value(), 1));
    std::mt19937 random(1);
    std::uniform_real_distribution<float> value(-std::sqrt(3.0f), std::sqrt(3.0f));
    std::vector<float> elements(count);
    for (auto& element : elements)
        element = value(random);
    return elements;
}

/// What was measured of one engine, in microseconds; nothing after an error.
struct Figures
{
    std::vector<double> create;
    std::vector<double> runs;
    std::string error;
};

/// Calls `function` unless there was an error, and notes the one that it ends with.
template <class F>
void attempt(Figures& figures, F&& function)
{
    if (!figures.error.empty())
        return;
    try {
        function();
    } catch (const std::exception& error) {
        figures.error = error.what();
        figures.runs.clear();
    }
}

template <class Engine>
void round(Engine& engine, Figures& figures, const Arguments& arguments)
{
    attempt(figures, [&] {
        // The threads of the other engine may still spin.
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        auto count = arguments.runs;
        if (count == 0) {
            const auto once = figures.runs.empty() ? engine.run(1).front() : bench::median(figures.runs);
            count = static_cast<std::size_t>(std::clamp(0.5e6 / once, 1.0, 1000.0));
        }
        const auto times = engine.run(count);
        figures.runs.insert(figures.runs.end(), times.begin(), times.end());
    });
}

/// The largest of the relative differences of the outputs.
double difference(std::span<const float> ours, std::span<const float> theirs,
                  const std::vector<std::size_t>& sizes)
{
    if (ours.size() != theirs.size())
        throw std::runtime_error(
            fmt::format("{} elements of outputs, but {} of theirs", ours.size(), theirs.size()));
    double worst = 0;
    std::size_t begin = 0;
    for (const auto size : sizes) {
        double error = 0;
        double norm = 0;
        for (std::size_t i = begin; i != begin + size; ++i) {
            error += std::pow(double(ours[i]) - double(theirs[i]), 2);
            norm += std::pow(double(theirs[i]), 2);
        }
        const auto relative = std::sqrt(error / norm);
        if (!std::isnan(worst) && !(relative <= worst)) // NaN is the worst
            worst = relative;
        begin += size;
    }
    return worst;
}

std::string milliseconds(const std::vector<double>& samples, double fraction)
{
    return samples.empty() ? "-" : fmt::format("{:.3f}", bench::percentile(samples, fraction) / 1e3);
}

void print(const Arguments& arguments, const std::string& compile, const std::string& l2, const Figures& ours,
           const Figures& theirs)
{
    std::string note = ours.error;
    if (!theirs.error.empty())
        note += (note.empty() ? "" : "; ") + ("ONNX Runtime: " + theirs.error);
    std::ranges::replace(note, '\n', ' ');
    std::ranges::replace(note, '\t', ' ');
    fmt::print("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", arguments.model.stem().native(),
               arguments.threads, compile, milliseconds(ours.create, 0.5), milliseconds(theirs.create, 0.5),
               milliseconds(ours.runs, 0.5), milliseconds(theirs.runs, 0.5), milliseconds(ours.runs, 0.99),
               milliseconds(theirs.runs, 0.99), l2, note);
}

void compare(const Arguments& arguments)
{
    const furiosa::test::TemporaryDirectory folder;
    const auto input = random_input(arguments.model);
    const auto bytes = std::as_bytes(std::span(input));
    const auto file = folder.write("input", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});

    bench::OnnxRuntimeEngine onnxruntime(arguments.node_modules, arguments.model, arguments.threads, file);
    bench::FuriosaEngine furiosa(folder.path(), arguments.threads, input);
    Figures ours;
    Figures theirs;
    std::string compile = "-";
    attempt(ours, [&] { compile = fmt::format("{:.0f}", furiosa.compile(arguments.model) / 1e3); });
    attempt(ours, [&] { ours.create = furiosa.create(arguments.create); });
    attempt(theirs, [&] { theirs.create = onnxruntime.create(arguments.create); });
    for (std::size_t i = 0; i != arguments.rounds; ++i) {
        round(furiosa, ours, arguments);
        round(onnxruntime, theirs, arguments);
    }
    std::string l2 = "-";
    if (theirs.error.empty())
        attempt(ours, [&] {
            const auto expected = onnxruntime.outputs(folder.path() / "theirs");
            l2 = fmt::format("{:.1e}", difference(furiosa.outputs(), expected, furiosa.output_sizes()));
        });
    print(arguments, compile, l2, ours, theirs);
}

} // namespace

int main(int argc, char** argv)
try {
    std::signal(SIGPIPE, SIG_IGN); // if node ends early, that is an error of its row
    compare(parse(argc, argv));
} catch (const std::exception& error) {
    fmt::print(stderr, "bench_compare: {}\n", error.what());
    return 1;
}
