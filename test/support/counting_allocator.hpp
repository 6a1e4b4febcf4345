#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace furiosa::test {

struct AllocationCount
{
    std::atomic<int> allocations = 0;
    std::atomic<int> deallocations = 0;
};

/// std::allocator that counts, to see whether an operation uses the allocator of its handler.
template <class T>
class CountingAllocator
{
public:
    using value_type = T;

    explicit CountingAllocator(AllocationCount& count) noexcept : count_(&count) {}
    template <class U>
    CountingAllocator(const CountingAllocator<U>& other) noexcept : count_(other.count_)
    {
    }

    T* allocate(std::size_t n)
    {
        ++count_->allocations;
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* p, std::size_t n) noexcept
    {
        ++count_->deallocations;
        std::allocator<T>().deallocate(p, n);
    }

    template <class U>
    bool operator==(const CountingAllocator<U>& other) const noexcept
    {
        return count_ == other.count_;
    }

private:
    template <class>
    friend class CountingAllocator;

    AllocationCount* count_;
};

} // namespace furiosa::test
