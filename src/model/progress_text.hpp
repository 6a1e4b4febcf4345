#pragma once

#include <furiosa/store/store.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace furiosa::model {

/// What a progress display says, without the terminal: is told how far each artifact has come, gives text.
class ProgressText
{
public:
    using Clock = std::chrono::steady_clock;

    std::size_t add(std::string name);
    void update(std::size_t index, store::Progress progress, Clock::time_point now);

    /// For a terminal of that width: goes back over the lines that it drew the last time. Finished artifacts get a
    /// last line and are left behind; the others get a bar each, and several of them one more, for all together.
    std::string terminal(std::size_t width, Clock::time_point now);

    /// For a log: a line for each artifact that has finished since the last call, and, when the last line is long
    /// ago, one for each that has not.
    std::string lines(Clock::time_point now);

private:
    struct Item
    {
        std::string name;
        store::Progress progress;
        std::optional<Clock::time_point> started;
        std::uint64_t done_at_start = 0; // what was there already is no achievement of this download
        Clock::time_point sampled;
        std::uint64_t sampled_done = 0;
        double rate = 0; // bytes a second, smoothed
        bool finished = false;
        bool told = false;
    };

    static void sample(Item& item, Clock::time_point now);
    static std::string summary(const Item& item);
    std::string finished_lines(Clock::time_point now);
    std::string finished_line(const Item& item, Clock::time_point now) const;
    std::string bar_line(const Item& item, std::size_t width) const;
    std::optional<Item> total() const;

    std::vector<Item> items_;
    std::size_t drawn_lines_ = 0;
    std::optional<Clock::time_point> last_line_;
};

} // namespace furiosa::model
