#include "model/progress_text.hpp"

#include "model/terminal_text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace furiosa::model {

namespace {

using Seconds = std::chrono::duration<double>;

constexpr auto sample_every = std::chrono::milliseconds(100);
constexpr auto line_every = std::chrono::seconds(5);
/// The rate follows a change within about so long.
constexpr Seconds smoothing{2};
constexpr std::size_t widest_name = 40;

std::string fitted(std::string text, std::size_t width)
{
    if (text.size() > width)
        text.resize(width);
    return text;
}

double share(store::Progress progress)
{
    if (progress.total == 0)
        return 0;
    return std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total));
}

} // namespace

std::size_t ProgressText::add(std::string name)
{
    Item item;
    item.name = fitted(printable(name), widest_name);
    items_.push_back(std::move(item));
    return items_.size() - 1;
}

void ProgressText::update(std::size_t index, store::Progress progress, Clock::time_point now)
{
    auto& item = items_.at(index);
    item.progress = progress;
    if (!item.started) {
        item.started = item.sampled = now;
        item.done_at_start = item.sampled_done = progress.done;
    }
    sample(item, now);
    item.finished = progress.done >= progress.total;
}

void ProgressText::sample(Item& item, Clock::time_point now)
{
    const Seconds time = now - item.sampled;
    if (time < sample_every)
        return;
    // Bytes that turned out to be wrong are taken back: that is no rate.
    const auto came = item.progress.done > item.sampled_done ? item.progress.done - item.sampled_done : 0;
    const double newest = static_cast<double>(came) / time.count();
    const double weight = item.rate == 0 ? 1 : 1 - std::exp(-time / smoothing);
    item.rate += weight * (newest - item.rate);
    item.sampled = now;
    item.sampled_done = item.progress.done;
}

std::string ProgressText::summary(const Item& item)
{
    const auto& progress = item.progress;
    auto text = fmt::format("{:3.0f} %  {} of {}", std::floor(100 * share(progress)), bytes_text(progress.done),
                            bytes_text(progress.total));
    if (item.rate < 1)
        return text;
    const auto left = progress.total > progress.done ? static_cast<double>(progress.total - progress.done) : 0;
    const std::chrono::seconds eta(static_cast<std::int64_t>(std::min(left / item.rate, 359'999.0) + 0.5));
    return text + fmt::format("  {}/s  ETA {}", bytes_text(static_cast<std::uint64_t>(item.rate)), duration_text(eta));
}

std::string ProgressText::finished_line(const Item& item, Clock::time_point now) const
{
    const auto came = item.progress.total - std::min(item.progress.total, item.done_at_start);
    if (came == 0)
        return fmt::format("{}  {}, was there already\n", item.name, bytes_text(item.progress.total));
    const Seconds took = now - *item.started;
    const auto rate = took.count() > 0 ? static_cast<double>(came) / took.count() : 0;
    return fmt::format("{}  {} in {:.1f} s, {}/s\n", item.name, bytes_text(came), took.count(),
                       bytes_text(static_cast<std::uint64_t>(rate)));
}

std::string ProgressText::finished_lines(Clock::time_point now)
{
    std::string text;
    for (auto& item : items_)
        if (item.finished && !std::exchange(item.told, true))
            text += finished_line(item, now);
    return text;
}

std::string ProgressText::bar_line(const Item& item, std::size_t width) const
{
    const auto text = summary(item);
    const auto used = item.name.size() + text.size() + 6; // "  [", "]  " and a free column
    if (width < used + 4)
        return fitted(fmt::format("{}  {}", item.name, text), width > 0 ? width - 1 : 0) + '\n';
    const auto room = std::min<std::size_t>(width - used, 40);
    const auto filled = static_cast<std::size_t>(share(item.progress) * static_cast<double>(room));
    return fmt::format("{}  [{}{}]  {}\n", item.name, std::string(filled, '='), std::string(room - filled, ' '), text);
}

/// All that are under way, as one; nothing unless there are several.
std::optional<ProgressText::Item> ProgressText::total() const
{
    Item all;
    all.name = "all";
    std::size_t active = 0;
    for (const auto& item : items_)
        if (item.started && !item.finished) {
            ++active;
            all.progress.done += item.progress.done;
            all.progress.total += item.progress.total;
            all.rate += item.rate;
        }
    if (active < 2)
        return std::nullopt;
    return all;
}

std::string ProgressText::terminal(std::size_t width, Clock::time_point now)
{
    std::string text;
    if (drawn_lines_ != 0)
        text = fmt::format("\x1b[{}A", drawn_lines_);
    text += "\r\x1b[J" + finished_lines(now);
    drawn_lines_ = 0;
    const auto draw = [&](const Item& item) {
        text += bar_line(item, width);
        ++drawn_lines_;
    };
    for (const auto& item : items_)
        if (item.started && !item.finished)
            draw(item);
    if (const auto all = total())
        draw(*all);
    return text;
}

std::string ProgressText::lines(Clock::time_point now)
{
    auto text = finished_lines(now);
    if (!last_line_)
        last_line_ = now;
    if (text.empty() && now - *last_line_ >= line_every)
        for (const auto& item : items_)
            if (item.started && !item.finished)
                text += fmt::format("{}  {}\n", item.name, summary(item));
    if (!text.empty())
        last_line_ = now;
    return text;
}

} // namespace furiosa::model
