// A server far away: a TCP relay that holds back what comes from the server for some time, and lets through so much a
// second on each connection.
//
//     shaping_proxy UPSTREAM_PORT LATENCY_MS MEGABITS_PER_SECOND      prints its own port, and runs until it is killed

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <fmt/format.h>
#include <memory>
#include <vector>

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

namespace {

struct Shape
{
    Clock::duration latency;
    double bytes_per_second;
};

/// What one connection has under way, and when it is due.
class Relay : public std::enable_shared_from_this<Relay>
{
public:
    Relay(tcp::socket client, const Shape& shape)
        : client_(std::move(client)), server_(client_.get_executor()), changed_(client_.get_executor()), shape_(shape)
    {
    }

    asio::awaitable<void> run(tcp::endpoint upstream)
    {
        co_await server_.async_connect(upstream, asio::use_awaitable);
        client_.set_option(tcp::no_delay(true));
        spawn(&Relay::carry_requests);
        spawn(&Relay::take_answers);
        spawn(&Relay::deliver_answers);
    }

private:
    struct Piece
    {
        std::vector<char> bytes;
        Clock::time_point due;
    };

    void spawn(asio::awaitable<void> (Relay::*member)())
    {
        asio::co_spawn(client_.get_executor(), (this->*member)(), [self = shared_from_this()](std::exception_ptr) {
            self->ended_ = true;
            self->changed_.cancel();
            self->server_.close();
            if (self->pieces_.empty())
                self->client_.close();
        });
    }

    asio::awaitable<void> wait_for_change()
    {
        changed_.expires_at(Clock::time_point::max());
        boost::system::error_code woken;
        co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }

    asio::awaitable<void> carry_requests()
    {
        std::vector<char> room(16 * 1024);
        for (;;) {
            const auto count = co_await client_.async_read_some(asio::buffer(room), asio::use_awaitable);
            co_await asio::async_write(server_, asio::buffer(room, count), asio::use_awaitable);
        }
    }

    /// At most what fits on the line, and some for the kernel: what is ahead waits at the server.
    asio::awaitable<void> take_answers()
    {
        const auto most = shape_.bytes_per_second * std::chrono::duration<double>(shape_.latency).count() + 512 * 1024;
        auto line_free = Clock::now();
        for (;;) {
            while (static_cast<double>(held_) > most)
                co_await wait_for_change();
            std::vector<char> bytes(32 * 1024);
            bytes.resize(co_await server_.async_read_some(asio::buffer(bytes), asio::use_awaitable));
            const std::chrono::duration<double> on_line(static_cast<double>(bytes.size()) / shape_.bytes_per_second);
            line_free = std::max(line_free, Clock::now()) + std::chrono::duration_cast<Clock::duration>(on_line);
            held_ += bytes.size();
            pieces_.push_back({std::move(bytes), line_free + shape_.latency});
            changed_.cancel();
        }
    }

    asio::awaitable<void> deliver_answers()
    {
        asio::steady_timer timer(client_.get_executor());
        for (;;) {
            while (pieces_.empty() && !ended_)
                co_await wait_for_change();
            if (pieces_.empty())
                co_return;
            timer.expires_at(pieces_.front().due);
            co_await timer.async_wait(asio::use_awaitable);
            co_await asio::async_write(client_, asio::buffer(pieces_.front().bytes), asio::use_awaitable);
            held_ -= pieces_.front().bytes.size();
            pieces_.pop_front();
            changed_.cancel();
        }
    }

    tcp::socket client_, server_;
    asio::steady_timer changed_;
    Shape shape_;
    std::deque<Piece> pieces_;
    std::size_t held_ = 0;
    bool ended_ = false;
};

asio::awaitable<void> listen(tcp::acceptor acceptor, tcp::endpoint upstream, Shape shape)
{
    for (;;) {
        auto client = co_await acceptor.async_accept(asio::use_awaitable);
        auto relay = std::make_shared<Relay>(std::move(client), shape);
        auto ended = [relay](std::exception_ptr) {};
        asio::co_spawn(acceptor.get_executor(), relay->run(upstream), ended);
    }
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 4) {
        fmt::print(stderr, "shaping_proxy UPSTREAM_PORT LATENCY_MS MEGABITS_PER_SECOND\n");
        return 2;
    }
    asio::io_context loop(1);
    const auto loopback = asio::ip::make_address("127.0.0.1");
    const tcp::endpoint upstream(loopback, static_cast<std::uint16_t>(std::atoi(argv[1])));
    const Shape shape{std::chrono::milliseconds(std::atoi(argv[2])), std::atof(argv[3]) * 1e6 / 8};
    tcp::acceptor acceptor(loop, {loopback, 0});
    fmt::print("{}\n", acceptor.local_endpoint().port());
    std::fflush(stdout);
    asio::co_spawn(loop, listen(std::move(acceptor), upstream, shape), asio::detached);
    loop.run();
}
