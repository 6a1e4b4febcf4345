#pragma once

#include <furiosa/core/post_gate.hpp>
#include <furiosa/store/store.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace furiosa::model {

/// Carries progress from the I/O thread to a caller's executor: at most one call waits there, and it tells the
/// newest numbers, so that a slow listener neither delays the download nor piles up calls. The first numbers are never
/// passed over: they say what was there already.
class ProgressRelay : public std::enable_shared_from_this<ProgressRelay>
{
public:
    ProgressRelay(boost::asio::any_io_executor executor, std::function<void(store::Progress)> listener)
        : executor_(std::move(executor)), listener_(std::move(listener))
    {
    }

    void tell(store::Progress progress)
    {
        {
            std::lock_guard lock(mutex_);
            if (!first_)
                first_ = progress;
            if (std::exchange(newest_, progress))
                return;
        }
        furiosa::detail::post_from_outside(executor_, [self = shared_from_this()] { self->deliver(); });
    }

    /// What the I/O thread calls so that `listener` hears of it on `executor`; nothing if nobody listens.
    static store::ProgressFunction to(boost::asio::any_io_executor executor,
                                      std::function<void(store::Progress)> listener)
    {
        if (!listener)
            return {};
        auto relay = std::make_shared<ProgressRelay>(std::move(executor), std::move(listener));
        return [relay](store::Progress progress) { relay->tell(progress); };
    }

private:
    void deliver()
    {
        std::optional<store::Progress> progress, first;
        {
            std::lock_guard lock(mutex_);
            progress = std::exchange(newest_, std::nullopt);
            if (!std::exchange(first_told_, true) && first_->done != progress->done)
                first = first_;
        }
        if (first)
            listener_(*first);
        listener_(*progress);
    }

    boost::asio::any_io_executor executor_;
    std::function<void(store::Progress)> listener_;
    std::mutex mutex_;
    std::optional<store::Progress> first_;
    std::optional<store::Progress> newest_; // told, not yet delivered
    bool first_told_ = false;
};

} // namespace furiosa::model
