#include "device/queue_fixture.hpp"
#include "support/counting_allocator.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <cstdlib>
#include <new>

namespace asio = boost::asio;
using namespace furiosa;
using test::QueueFixture;
using test::Submission;

namespace {

std::atomic<std::size_t> heap_allocations = 0;

} // namespace

// Every new expression of this program is counted. Sanitizers bring their own.
#ifndef FURIOSA_SANITIZED
void* operator new(std::size_t size)
{
    ++heap_allocations;
    if (void* const memory = std::malloc(size ? size : 1))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
#endif

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
        std::size_t left;
        Submission submission{};

        void next()
        {
            if (left-- == 0)
                return;
            f.submit(queue, submission, [this](std::exception_ptr) { next(); });
        }
    };
    Chain warm_up{f, queue, 2000};
    warm_up.next();
    f.run();
    const auto before = heap_allocations.load();
    Chain chain{f, queue, 1000};
    chain.next();
    f.run();
    CHECK(heap_allocations.load() - before == 0);
}
#endif
