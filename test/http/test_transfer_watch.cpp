#include "http/transfer_watch.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using furiosa::http::TransferWatch;
using Verdict = TransferWatch::Verdict;

namespace {

const TransferWatch::Clock::time_point start{};

TransferWatch watch_with(TransferWatch::Limits limits)
{
    TransferWatch watch;
    watch.begin(limits, start);
    return watch;
}

} // namespace

TEST_CASE("silence for longer than the idle time is told")
{
    auto watch = watch_with({10s, 0, {}, {}});
    CHECK(watch.judge(start + 9s) == Verdict::fine);
    watch.progress(1, start + 9s);
    CHECK(watch.judge(start + 18s) == Verdict::fine);
    CHECK(watch.next_judgement(start + 18s) == start + 19s);
    CHECK(watch.judge(start + 19s) == Verdict::idle);
}

TEST_CASE("a drip below the minimum rate is told, though it is never silent")
{
    auto watch = watch_with({10s, 100, 5s, {}});
    for (int second = 1; second <= 4; ++second) {
        watch.progress(50, start + std::chrono::seconds(second));
        CHECK(watch.judge(start + std::chrono::seconds(second)) == Verdict::fine);
    }
    CHECK(watch.judge(start + 5s) == Verdict::slow);
}

TEST_CASE("a rate is enough if each window's is")
{
    auto watch = watch_with({10s, 100, 5s, {}});
    watch.progress(600, start + 1s);
    CHECK(watch.judge(start + 5s) == Verdict::fine);
    CHECK(watch.judge(start + 10s) == Verdict::slow);
}

TEST_CASE("time that our side takes does not count, but the deadline does")
{
    auto watch = watch_with({10s, 100, 5s, start + 60s});
    watch.pause(start + 1s);
    CHECK(watch.judge(start + 59s) == Verdict::fine);
    watch.resume(start + 50s);
    CHECK(watch.judge(start + 53s) == Verdict::fine);
    CHECK(watch.judge(start + 54s) == Verdict::slow);
    CHECK(watch.judge(start + 60s) == Verdict::late);
}

TEST_CASE("without limits there is nothing to judge")
{
    auto watch = watch_with({});
    CHECK(watch.judge(start + 1000h) == Verdict::fine);
    CHECK(watch.next_judgement(start) == TransferWatch::Clock::time_point::max());
}
