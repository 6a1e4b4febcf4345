#include "cli/bench.hpp"

#include "cli/compiler_config.hpp"
#include "cli/exit_code.hpp"
#include "cli/latency_summary.hpp"
#include "cli/query_load.hpp"
#include "cli/write_file.hpp"
#include "core/json_writer.hpp"
#include "model/terminal_text.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/core/shared_bytes.hpp>
#include <furiosa/program/file_format.hpp>
#include <furiosa/session.hpp>
#include <furiosa/session/programs.hpp>
#include <furiosa/store/digest.hpp>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

namespace furiosa::cli {

namespace {

using Clock = QueryLoad::Clock;

constexpr std::uint64_t default_queries = 100;
constexpr std::uint64_t warm_up_queries = 3; // of each of those in flight

struct BenchResult
{
    std::int64_t batch_size = 1;
    std::string sha256;
    std::string device;
    std::vector<std::string> lost_devices; // the figures are those of fewer
    double compile_ms = 0;
    double create_ms = 0;
    std::uint64_t queries = 0;
    double qps = 0;
    LatencySummary latency_us;
};

double milliseconds(Clock::duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

const char* name_of(Workload workload)
{
    return workload == Workload::latency ? "latency" : "throughput";
}

SessionOptions session_options(Context& context, const BenchArguments& arguments)
{
    SessionOptions options(arguments.device);
    options.context = &context;
    options.batch_size = arguments.batch_size;
    options.compiler_config = compiler_config(arguments.compiler_config);
    options.worker_num = arguments.workers;
    options.use_program_cache = arguments.use_compile_cache;
    options.profiler_output = arguments.trace_output;
    return options;
}

/// A program has its own, which stands first in the shape of its inputs.
std::int64_t batch_size_of(const Session& session, const SharedBytes& file, const BenchArguments& arguments)
{
    if (program::identify(file).format != program::FileFormat::program || session.inputs().empty())
        return arguments.batch_size;
    const auto& shape = session.inputs()[0].shape;
    return shape.rank() == 0 ? 1 : shape[0];
}

void measure(boost::asio::io_context& loop, Session& session, const BenchArguments& arguments, BenchResult& result)
{
    const auto in_flight = arguments.workload == Workload::latency ? 1 : session.concurrency();
    const auto time = arguments.seconds > 0 ? std::chrono::duration_cast<Clock::duration>(
                                                  std::chrono::duration<double>(arguments.seconds))
                                            : Clock::duration::max();
    auto queries = arguments.queries;
    if (queries == 0)
        queries = arguments.seconds > 0 ? UINT64_MAX : default_queries;
    QueryLoad load(loop, session, in_flight);
    load.run(warm_up_queries * in_flight, Clock::duration::max());
    load.run(queries, time);
    result.queries = load.latencies().size();
    result.qps = static_cast<double>(result.queries) / std::chrono::duration<double>(load.elapsed()).count();
    result.latency_us = summarize(load.latencies());
}

std::string json_of(const BenchArguments& arguments, const BenchResult& result)
{
    JsonWriter json;
    json.begin_object();
    json.key("model");
    json.begin_object();
    json.field("path", arguments.model.native());
    json.field("sha256", result.sha256);
    json.end_object();
    json.field("device", result.device);
    json.key("lost_devices");
    json.begin_array();
    for (const auto& name : result.lost_devices)
        json.string(name);
    json.end_array();
    json.field("compile_ms", result.compile_ms);
    json.field("create_ms", result.create_ms);
    json.key("result");
    json.begin_object();
    json.field("mode", name_of(arguments.workload));
    json.field("batch_size", result.batch_size);
    json.field("queries", result.queries);
    json.field("qps", result.qps);
    json.key("latency_us");
    json.begin_object();
    const auto& latency = result.latency_us;
    json.field("min", latency.min);
    json.field("mean", latency.mean);
    json.field("p50", latency.p50);
    json.field("p95", latency.p95);
    json.field("p99", latency.p99);
    json.field("p99_9", latency.p99_9);
    json.field("max", latency.max);
    json.end_object();
    json.end_object();
    json.end_object();
    return json.take();
}

void print_text(const BenchArguments& arguments, const BenchResult& result)
{
    const auto& us = result.latency_us;
    fmt::print("{} on {}\n", model::printable(arguments.model.native()), result.device);
    if (!result.lost_devices.empty())
        fmt::print("died on the way, so that the figures are those of fewer: {}\n",
                   fmt::join(result.lost_devices, ", "));
    fmt::print("ready in {:.1f} ms, {:.1f} ms of which to compile\n", result.create_ms, result.compile_ms);
    fmt::print("{}: {} queries of batch size {}, {:.1f} queries/s\n", name_of(arguments.workload), result.queries,
               result.batch_size, result.qps);
    fmt::print("latency in us: min {:.1f}, mean {:.1f}, p50 {:.1f}, p95 {:.1f}, p99 {:.1f}, p99.9 {:.1f}, max {:.1f}\n",
               us.min, us.mean, us.p50, us.p95, us.p99, us.p99_9, us.max);
}

} // namespace

int bench(const Settings& settings, const BenchArguments& arguments)
{
    Context context;
    settings.open_store(context);
    BenchResult result;
    const auto file = SharedBytes::map(arguments.model);
    result.sha256 = store::digest_of(store::DigestAlgorithm::sha256, file).hex();
    {
        boost::asio::io_context loop(1);
        const auto begin = Clock::now();
        auto session =
            run_until_complete(loop, create_session(arguments.model, session_options(context, arguments)));
        result.create_ms = milliseconds(Clock::now() - begin);
        result.compile_ms =
            static_cast<double>(context.use<session::Programs>().counters().compile_microseconds) / 1e3;
        result.device = session.device();
        result.batch_size = batch_size_of(session, file, arguments);
        measure(loop, session, arguments, result);
        result.lost_devices = session.lost_devices();
    }
    const auto json = json_of(arguments, result);
    if (!arguments.output.empty())
        write_file(arguments.output, json);
    if (settings.json)
        fmt::print("{}", json);
    else
        print_text(arguments, result);
    return exit_code::done;
}

} // namespace furiosa::cli
