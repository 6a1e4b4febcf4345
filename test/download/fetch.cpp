#include "download/fetch.hpp"

#include <furiosa/core/context.hpp>
#include <furiosa/model.hpp>
#include <furiosa/store/digest.hpp>
#include <furiosa/store/store.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <future>

namespace furiosa::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// What the bytes that this coroutine was given hash to.
asio::awaitable<std::string> load_and_digest(Context& context, std::string name, LoadOptions options)
{
    const auto model = co_await load_model(std::move(name), std::move(options));
    const auto bytes = model.source_artifact().bytes().value();
    const auto digest = [&] { return store::digest_of(store::DigestAlgorithm::sha256, bytes).hex(); };
    co_return co_await context.offload(digest);
}

void take_result(std::future<std::string>& result, FetchReport& report)
{
    try {
        report.digests.push_back(result.get());
    } catch (const boost::system::system_error& error) {
        if (report.is_error())
            return;
        report.category = error.code().category().name();
        report.code = error.code().value();
        report.error = error.what();
    } catch (const std::exception& error) {
        report.category = "none";
        report.code = -1;
        report.error = error.what();
    }
}

} // namespace

FetchReport fetch(const FetchJob& job)
{
    FetchReport report;
    std::vector<std::future<std::string>> results;
    Context context(2);
    const auto& store = context.emplace<store::Store>(store::StoreOptions{job.store});
    context.emplace<http::Client>(job.client);
    LoadOptions options(job.registry);
    options.context = &context;
    for (unsigned i = 0; i != job.coroutines; ++i)
        results.push_back(asio::co_spawn(context.io_executor(), load_and_digest(context, job.model, options),
                                         asio::use_future));
    const auto end = std::chrono::steady_clock::now() + job.patience;
    for (auto& result : results) {
        if (result.wait_until(end) == std::future_status::ready)
            take_result(result, report);
        else
            report.hangs = true;
    }
    report.downloads = store.counters().downloads;
    report.resumed = store.counters().resumed;
    return report;
}

http::ClientOptions impatient_client()
{
    http::ClientOptions options;
    options.retry.first_backoff = 1ms;
    options.retry.longest_backoff = 10ms;
    options.idle_timeout = 200ms;
    options.parallel_threshold = 100'000;
    options.parallel_below_rate = UINT64_MAX;
    options.proxy = {};
    options.netrc = "/dev/null";
    return options;
}

} // namespace furiosa::test
