#include "model/progress_text.hpp"
#include "model/terminal_text.hpp"

#include <furiosa/model/progress_bar.hpp>

#include <catch2/catch.hpp>

#include <cstdio>
#include <memory>

using namespace furiosa;
using namespace std::chrono_literals;
using model::ProgressText;

namespace {

const ProgressText::Clock::time_point start{};

} // namespace

TEST_CASE("sizes and times read as people write them")
{
    CHECK(model::bytes_text(0) == "0 B");
    CHECK(model::bytes_text(999) == "999 B");
    CHECK(model::bytes_text(25'529'000) == "25.5 MB");
    CHECK(model::bytes_text(999'990) == "1.0 MB");
    CHECK(model::bytes_text(UINT64_MAX) == "18.4 EB");
    CHECK(model::duration_text(7s) == "0:07");
    CHECK(model::duration_text(750s) == "12:30");
    CHECK(model::duration_text(3723s) == "1:02:03");
}

TEST_CASE("a bar tells share, rate and time to go")
{
    ProgressText text;
    const auto net = text.add("net");
    text.update(net, {0, 100'000'000}, start);
    text.update(net, {25'000'000, 100'000'000}, start + 1s);
    const auto drawn = text.terminal(100, start + 1s);
    CHECK(drawn.find("net  [=") != std::string::npos);
    CHECK(drawn.find(" 25 %  25.0 MB of 100.0 MB  25.0 MB/s  ETA 0:03") != std::string::npos);
    const auto line = drawn.substr(drawn.find("net"));
    CHECK(line.size() <= 100);
}

TEST_CASE("several artifacts get a bar each and one for all, drawn over the last ones")
{
    ProgressText text;
    const auto a = text.add("a");
    const auto b = text.add("b");
    text.update(a, {10, 100}, start);
    text.update(b, {30, 100}, start);
    const auto first = text.terminal(80, start);
    CHECK(first.find("all  [") != std::string::npos);
    CHECK(first.find("40 B of 200 B") != std::string::npos);
    CHECK(text.terminal(80, start).starts_with("\x1b[3A\r\x1b[J"));
}

TEST_CASE("what has come is told once and left behind")
{
    ProgressText text;
    const auto net = text.add("net");
    text.update(net, {0, 2'000'000}, start);
    text.update(net, {2'000'000, 2'000'000}, start + 2s);
    CHECK(text.terminal(80, start + 2s) == "\r\x1b[Jnet  2.0 MB in 2.0 s, 1.0 MB/s\n");
    CHECK(text.terminal(80, start + 2s) == "\r\x1b[J");
    const auto stored = text.add("stored");
    text.update(stored, {5, 5}, start + 3s);
    CHECK(text.lines(start + 3s) == "stored  5 B, was there already\n");
}

TEST_CASE("a log gets few lines and no escapes")
{
    ProgressText text;
    const auto net = text.add("net");
    std::string log;
    for (int i = 0; i != 100; ++i) {
        text.update(net, {static_cast<std::uint64_t>(i) * 1'000'000, 100'000'000}, start + i * 110ms);
        log += text.lines(start + i * 110ms);
    }
    CHECK(std::count(log.begin(), log.end(), '\n') == 2);
    CHECK(log.find('\x1b') == std::string::npos);
}

TEST_CASE("a name from a registry cannot steer the terminal, nor a narrow one break the lines")
{
    ProgressText text;
    const auto net = text.add("evil\x1b[2J\nname " + std::string(200, 'x'));
    text.update(net, {1, 2}, start);
    const auto drawn = text.terminal(20, start);
    CHECK(drawn.find("\x1b[2J") == std::string::npos);
    CHECK(std::count(drawn.begin(), drawn.end(), '\n') == 1);
    CHECK(drawn.size() < 30);
}

TEST_CASE("bytes that are taken back do not upset the rate")
{
    ProgressText text;
    const auto net = text.add("net");
    text.update(net, {50, 100}, start);
    text.update(net, {0, 100}, start + 1s);
    text.update(net, {100, 100}, start + 2s);
    CHECK(text.lines(start + 2s).find("net") == 0);
}

TEST_CASE("a listener may outlive its progress bar")
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
    std::function<void(store::Progress)> listener;
    {
        model::ProgressBar bar(file.get());
        listener = bar.add("net");
        listener({5, 5});
    }
    const auto written = std::ftell(file.get());
    CHECK(written > 0);
    listener({5, 5});
    CHECK(std::ftell(file.get()) == written);
}
