#include "download/client_process.hpp"
#include "download/fault_plan.hpp"
#include "download/fetch.hpp"
#include "download/registry_files.hpp"
#include "support/temporary_directory.hpp"
#include "support/web_server.hpp"

#include <furiosa/core/errc.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>

// FURIOSA_CHAOS_SEED=<n> runs that seed alone; FURIOSA_CHAOS_RUNS=<n> so many from 1 on.

namespace fs = std::filesystem;
using namespace furiosa;
using namespace std::chrono_literals;
using test::ChaosProxy;
using test::ChildProcess;
using test::Fault;
using test::FaultPlan;
using test::FetchJob;
using test::FetchReport;
using test::WebServer;
using test::WebServerKind;

namespace {

#ifdef FURIOSA_SANITIZED
constexpr std::uint64_t usual_runs = 60;
constexpr unsigned runs_at_a_time = 2;
#else
constexpr std::uint64_t usual_runs = 300;
constexpr unsigned runs_at_a_time = 4; // most of a run's time is waiting for what has stalled
#endif
constexpr auto watchdog = 60s;

/// What came of one run.
struct Outcome
{
    std::string violation; ///< of what must hold in every run; empty: it held
    std::string ending;    ///< of the fetch that met the faults
    std::map<Fault, std::size_t> faults;
    bool killed = false;
    std::uint64_t resumed = 0;
};

/// One seed's file, faults and client.
class Run
{
public:
    Run(std::uint64_t seed, const WebServer& server)
        : seed_(seed), server_(server), folder_(fmt::format("run-{}", seed)),
          content_(test::random_bytes(size_of_artifact(), seed)), plan_(seed),
          proxy_(server.port(), [this](const std::string& target) { return plan_.next(target); })
    {
        server.publish(folder_ / "net.onnx", content_);
        server.publish(folder_ / "net.onnx.other", test::random_bytes(content_.size(), ~seed),
                       fs::file_time_type::clock::now() - 60s);
        server.publish(folder_ / "artifacts.json", test::manifest_for(content_));
        job_.registry = proxy_.uri("/" + folder_.native());
        job_.store = files_.path() / "store";
        job_.client = test::impatient_client();
        job_.patience = watchdog;
    }
    ~Run()
    {
        std::error_code ignored;
        fs::remove_all(server_.root() / folder_, ignored);
    }

    Outcome go()
    {
        if (is_killed())
            fetch_and_be_killed();
        const auto report = is_killed() ? fetch_in_child() : test::fetch(job_);
        outcome_.resumed += report.resumed;
        outcome_.ending = report.is_error() ? error_category().message(report.code) : "the right bytes";
        if (!report.is_typed_error())
            require_right_bytes(report, "with faults");
        require_sound_store("with faults");
        fetch_without_faults();
        outcome_.faults = proxy_.done();
        return std::move(outcome_);
    }

private:
    bool is_killed() const { return seed_ % 10 == 5; }

    /// Large enough for what a run is about: a killed process writes its journal every 4 MiB, and ranges have 2 MiB.
    std::size_t size_of_artifact() const
    {
        if (is_killed())
            return 12'000'000;
        return seed_ % 4 == 1 ? 9'000'000 : 2'000'000;
    }

    /// The first range stalls, the others come, and somewhere on their way the process is killed: after any number of
    /// bytes, or when it has written down for the first time what it has.
    void fetch_and_be_killed()
    {
        plan_.hold_at({Fault::stall, 0.5});
        ChildProcess client(test::client_command(job_.registry, job_.store, files_.path() / "killed",
                                                 {"--idle-ms", "20000"}));
        if (seed_ % 20 == 5)
            proxy_.wait_for_bytes(std::mt19937_64(seed_)() % 9'500'000, watchdog);
        else
            wait_for_journal();
        client.send(SIGKILL);
        const auto ending = client.wait(watchdog);
        outcome_.killed = ending && ending->signal == SIGKILL;
        plan_.go_on();
        require_sound_store("after the client was killed");
    }

    /// It stands behind the place of the content.
    void wait_for_journal() const
    {
        const auto end = std::chrono::steady_clock::now() + watchdog;
        while (largest_partial() <= content_.size() && std::chrono::steady_clock::now() < end)
            std::this_thread::sleep_for(1ms);
    }

    std::uintmax_t largest_partial() const
    {
        std::uintmax_t largest = 0;
        std::error_code error;
        for (fs::directory_iterator at(job_.store / "partial", error), end; !error && at != end; at.increment(error))
            largest = std::max(largest, at->file_size(error));
        return error ? 0 : largest;
    }

    FetchReport fetch_in_child()
    {
        FetchReport report;
        const auto output = files_.path() / "started-again";
        ChildProcess client(test::client_command(job_.registry, job_.store, output));
        const auto ending = client.wait(watchdog);
        report.hangs = !ending;
        if (!ending)
            return report;
        if (ending->exit_code != 0 && ending->exit_code != 3) {
            violate(fmt::format("the client exits with {}, by signal {}: {}", ending->exit_code, ending->signal,
                                test::text_of(output)));
            return report;
        }
        const auto said = test::read_report(output);
        report.digests = said.digests;
        report.category = said.code ? "furiosa" : "";
        report.code = said.code;
        report.error = said.error;
        report.resumed = said.resumed;
        return report;
    }

    void fetch_without_faults()
    {
        plan_.switch_off();
        auto job = job_;
        job.client = {};
        job.client.proxy = {};
        const auto report = test::fetch(job);
        outcome_.resumed += report.resumed;
        require_right_bytes(report, "without faults");
        require_sound_store("without faults");
        const auto hex = test::sha256_of(content_);
        if (test::text_of(job_.store / "blobs" / "sha256" / hex.substr(0, 2) / hex) != content_)
            violate("the blob is not there");
    }

    void require_right_bytes(const FetchReport& report, std::string_view when)
    {
        if (report.hangs)
            violate(fmt::format("{}: it hangs", when));
        else if (report.is_error())
            violate(fmt::format("{}: {} {}: {}", when, report.category, report.code, report.error));
        else if (report.digests != std::vector{test::sha256_of(content_)})
            violate(fmt::format("{}: the bytes are wrong", when));
    }

    void require_sound_store(std::string_view when)
    {
        for (const auto& blob : test::wrong_blobs(job_.store))
            violate(fmt::format("{}: {} does not hash to its name", when, blob));
    }

    void violate(const std::string& what) { outcome_.violation += what + "; "; }

    const std::uint64_t seed_;
    const WebServer& server_;
    const fs::path folder_;
    const std::string content_;
    FaultPlan plan_;
    ChaosProxy proxy_;
    test::TemporaryDirectory files_;
    FetchJob job_;
    Outcome outcome_;
};

/// What all runs together were, for whoever reads the log.
struct Tally
{
    std::size_t runs = 0;
    std::size_t killed = 0;
    std::uint64_t resumed = 0;
    std::map<std::string, std::size_t> endings;
    std::map<Fault, std::size_t> faults;
    std::map<std::uint64_t, std::string> violations; ///< by seed

    void add(std::uint64_t seed, const Outcome& outcome)
    {
        ++runs;
        killed += outcome.killed;
        resumed += outcome.resumed;
        ++endings[outcome.ending];
        for (const auto& [fault, count] : outcome.faults)
            faults[fault] += count;
        if (!outcome.violation.empty())
            violations[seed] = outcome.violation;
    }

    void print() const
    {
        fmt::print("chaos: {} runs, {} clients killed, {} downloads resumed\n", runs, killed, resumed);
        for (const auto& [fault, count] : faults)
            fmt::print("  {:>5} x {}\n", count, to_string(fault));
        fmt::print("chaos: the fetches that met them ended with\n");
        for (const auto& [ending, count] : endings)
            fmt::print("  {:>5} x {}\n", count, ending);
        std::fflush(stdout);
    }
};

std::optional<std::uint64_t> number_from_environment(const char* name)
{
    const char* const text = std::getenv(name);
    if (!text || !*text)
        return std::nullopt;
    return std::strtoull(text, nullptr, 10);
}

Tally run_seeds(std::uint64_t first, std::uint64_t last, const WebServer& server)
{
    Tally tally;
    std::mutex mutex;
    std::atomic<std::uint64_t> next = first;
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i != runs_at_a_time; ++i)
        threads.emplace_back([&] {
            for (auto seed = next++; seed <= last; seed = next++) {
                Outcome outcome;
                try {
                    outcome = Run(seed, server).go();
                } catch (const std::exception& error) {
                    outcome.violation = error.what();
                }
                std::lock_guard lock(mutex);
                tally.add(seed, outcome);
            }
        });
    threads.clear();
    return tally;
}

} // namespace

TEST_CASE("whatever goes wrong, a fetch ends with the right bytes or an error of its own, and the store stays sound")
{
    if (!WebServer::is_installed(WebServerKind::nginx)) {
        WARN("skipped: nginx is not installed");
        return;
    }
    const WebServer server(WebServerKind::nginx);
    const auto seed = number_from_environment("FURIOSA_CHAOS_SEED");
    const auto runs = number_from_environment("FURIOSA_CHAOS_RUNS").value_or(usual_runs);
    const auto tally = run_seeds(seed.value_or(1), seed.value_or(runs), server);
    tally.print();
    for (const auto& [bad_seed, violation] : tally.violations)
        FAIL_CHECK(violation << "go through it again with FURIOSA_CHAOS_SEED=" << bad_seed);
    if (seed || runs < usual_runs)
        return;
    CHECK(tally.runs == runs);
    CHECK(tally.killed > 0);
    CHECK(tally.resumed > 0);
    CHECK(tally.endings.count("the right bytes") == 1);
    CHECK(tally.endings.size() > 1); // some faults cannot be mended
    for (const auto fault : test::all_faults) {
        INFO(to_string(fault));
        CHECK(tally.faults.count(fault) == 1);
    }
}
