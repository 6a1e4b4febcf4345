#include "cli/query_load.hpp"

#include "cli/random_tensor.hpp"

namespace furiosa::cli {

namespace {

constexpr std::uint64_t seed = 42;

} // namespace

QueryLoad::QueryLoad(boost::asio::io_context& loop, Session& session, std::size_t in_flight)
    : loop_(loop), session_(session)
{
    for (const auto& desc : session.inputs())
        input_tensors_.push_back(random_tensor(desc.data_type, desc.shape, seed + input_tensors_.size()));
    inputs_.assign(input_tensors_.begin(), input_tensors_.end());
    for (std::size_t i = 0; i != in_flight; ++i) {
        auto& lane = lanes_.emplace_back();
        for (const auto& desc : session.outputs())
            lane.tensors.emplace_back(desc.data_type, desc.shape);
        lane.outputs.assign(lane.tensors.begin(), lane.tensors.end());
    }
}

void QueryLoad::run(std::uint64_t queries, Clock::duration time)
{
    const auto begin = Clock::now();
    left_ = queries;
    stop_ = time < Clock::time_point::max() - begin ? begin + time : Clock::time_point::max();
    latencies_.clear();
    latencies_.reserve(std::min<std::uint64_t>(queries, 1 << 20));
    for (auto& lane : lanes_)
        next(lane);
    loop_.restart();
    loop_.run();
    elapsed_ = Clock::now() - begin;
    if (failure_)
        std::rethrow_exception(failure_);
}

void QueryLoad::next(Lane& lane)
{
    lane.begin = Clock::now();
    if (left_ == 0 || failure_ || lane.begin >= stop_)
        return;
    --left_;
    session_.async_run(inputs_, lane.outputs,
                       [this, &lane](std::exception_ptr failure) { answered(lane, std::move(failure)); });
}

void QueryLoad::answered(Lane& lane, std::exception_ptr failure)
{
    if (failure)
        failure_ = failure;
    else
        latencies_.push_back(std::chrono::duration<double, std::micro>(Clock::now() - lane.begin).count());
    next(lane);
}

} // namespace furiosa::cli
