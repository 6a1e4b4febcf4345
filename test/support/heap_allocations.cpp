#include "support/heap_allocations.hpp"

#include <atomic>
#include <cerrno>

namespace {

std::atomic<std::size_t> allocations = 0;
thread_local int uncounted = 0;

void count_one() noexcept
{
    if (uncounted == 0)
        allocations.fetch_add(1, std::memory_order_relaxed);
}

} // namespace

// The functions of the C library stand before those of glibc, which lie under these names as well. `new` and oneDNN
// come through here too.
extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept
{
    count_one();
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept
{
    count_one();
    return __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size) noexcept
{
    count_one();
    return __libc_realloc(memory, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
{
    count_one();
    return __libc_memalign(alignment, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept
{
    return aligned_alloc(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept
{
    void* const taken = aligned_alloc(alignment, size);
    if (!taken)
        return ENOMEM;
    *memory = taken;
    return 0;
}
}

namespace furiosa::test {

std::size_t heap_allocations() noexcept
{
    return allocations.load();
}

Uncounted::Uncounted() noexcept
{
    ++uncounted;
}

Uncounted::~Uncounted()
{
    --uncounted;
}

} // namespace furiosa::test
