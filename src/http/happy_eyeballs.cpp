#include "http/happy_eyeballs.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace furiosa::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// RFC 8305, section 8: the Connection Attempt Delay.
constexpr std::chrono::milliseconds attempt_delay{250};

} // namespace

std::vector<tcp::endpoint> interleave_families(const std::vector<tcp::endpoint>& endpoints)
{
    std::vector<tcp::endpoint> first, second, mixed;
    for (const auto& endpoint : endpoints)
        (endpoint.protocol() == endpoints.front().protocol() ? first : second).push_back(endpoint);
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size())
            mixed.push_back(first[i]);
        if (i < second.size())
            mixed.push_back(second[i]);
    }
    return mixed;
}

HappyEyeballs::HappyEyeballs(asio::any_io_executor executor, std::vector<tcp::endpoint> endpoints)
    : executor_(executor),
      endpoints_(std::move(endpoints)),
      changed_(executor),
      last_error_(asio::error::host_not_found)
{
}

asio::awaitable<tcp::socket> HappyEyeballs::connect(std::shared_ptr<HappyEyeballs> self)
{
    while (!self->winner_ && !self->stopped_ && self->failed_ != self->endpoints_.size()) {
        if (self->started_ != self->endpoints_.size())
            self->start_next();
        if (self->started_ == self->endpoints_.size())
            self->changed_.expires_at(asio::steady_timer::time_point::max());
        else
            self->changed_.expires_after(attempt_delay);
        co_await self->changed_.async_wait(asio::as_tuple(asio::use_awaitable));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            self->stop();
    }
    if (!self->winner_)
        throw boost::system::system_error(self->stopped_ ? asio::error::operation_aborted
                                                         : self->last_error_);
    auto socket = std::move(*self->winner_);
    self->stop();
    co_return socket;
}

void HappyEyeballs::start_next()
{
    auto& socket = sockets_.emplace_back(executor_);
    socket.async_connect(endpoints_[started_++],
                         [self = shared_from_this(), &socket](const boost::system::error_code& error) {
                             self->on_connect(socket, error);
                         });
}

void HappyEyeballs::on_connect(tcp::socket& socket, const boost::system::error_code& error)
{
    if (error) {
        ++failed_;
        last_error_ = error;
    } else if (!winner_) {
        winner_ = &socket;
    }
    changed_.cancel();
}

void HappyEyeballs::stop()
{
    stopped_ = true;
    for (auto& socket : sockets_) {
        boost::system::error_code ignored;
        socket.close(ignored);
    }
    changed_.cancel();
}

} // namespace furiosa::http
