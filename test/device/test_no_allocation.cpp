#include "device/queue_fixture.hpp"
#include "support/counting_allocator.hpp"
#include "support/heap_allocations.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <catch2/catch.hpp>

namespace asio = boost::asio;
using namespace furiosa;
using test::QueueFixture;
using test::Submission;

TEST_CASE("a run takes one node from its handler's allocator and gives it back before the handler runs")
{
    QueueFixture f;
    test::AllocationCount count;
    Submission submission{1};
    bool returned_before_call = false;
    f.submit(*f.queue, submission,
             asio::bind_allocator(test::CountingAllocator<void>(count), [&](std::exception_ptr) {
                 returned_before_call = count.allocations == count.deallocations;
             }));
    CHECK(count.allocations == 1);
    f.run();
    CHECK(count.allocations == 1);
    CHECK(returned_before_call);
}

#ifndef FURIOSA_SANITIZED
TEST_CASE("in the steady state a run allocates nothing, with limits and without")
{
    QueueFixture f;
    device::QueueLimits limits;
    if (GENERATE(false, true))
        limits.places = limits.running = limits.results = 1;
    device::DeviceQueue queue(f.loop.get_executor(), f.device, limits);
    struct Chain
    {
        QueueFixture& f;
        device::DeviceQueue& queue;
        Submission submission{};
        std::size_t done = 0;
        std::size_t allocations_of_warm_up = 0;

        void next()
        {
            if (done == 2000)
                allocations_of_warm_up = test::heap_allocations();
            if (done++ != 3000)
                f.submit(queue, submission, [this](std::exception_ptr) { next(); });
        }
    };
    Chain chain{f, queue};
    chain.next();
    f.run();
    CHECK(test::heap_allocations() - chain.allocations_of_warm_up == 0);
}
#endif
