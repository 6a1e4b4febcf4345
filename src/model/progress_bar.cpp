#include <furiosa/model/progress_bar.hpp>

#include "model/progress_text.hpp"

#include <mutex>
#include <sys/ioctl.h>
#include <unistd.h>

namespace furiosa::model {

namespace {

constexpr auto draw_every = std::chrono::milliseconds(100);

std::size_t width_of(std::FILE* stream)
{
    winsize size{};
    const bool known = ::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col != 0;
    return known ? size.ws_col : 80;
}

} // namespace

struct ProgressBar::State
{
    using Clock = ProgressText::Clock;

    explicit State(std::FILE* s) : stream(s), is_terminal(::isatty(::fileno(s)) == 1) {}

    void update(std::size_t index, store::Progress progress)
    {
        std::lock_guard lock(mutex);
        const auto now = Clock::now();
        text.update(index, progress, now);
        if (progress.done >= progress.total || now - drawn >= draw_every)
            draw(now);
    }

    void end()
    {
        std::lock_guard lock(mutex);
        draw(Clock::now());
        stream = nullptr;
    }

    std::mutex mutex;
    ProgressText text;

private:
    void draw(Clock::time_point now)
    {
        if (!stream)
            return;
        const auto out = is_terminal ? text.terminal(width_of(stream), now) : text.lines(now);
        std::fwrite(out.data(), 1, out.size(), stream);
        std::fflush(stream);
        drawn = now;
    }

    std::FILE* stream;
    const bool is_terminal;
    Clock::time_point drawn{};
};

ProgressBar::ProgressBar(std::FILE* stream) : state_(std::make_shared<State>(stream)) {}

ProgressBar::~ProgressBar()
{
    state_->end();
}

std::function<void(store::Progress)> ProgressBar::add(std::string name)
{
    std::lock_guard lock(state_->mutex);
    const auto index = state_->text.add(std::move(name));
    return [state = state_, index](store::Progress progress) { state->update(index, progress); };
}

} // namespace furiosa::model
