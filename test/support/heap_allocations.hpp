#pragma once

#include <cstddef>

namespace furiosa::test {

/// How often this process took memory from the heap, in whatever library and thread. Not for sanitizers, which have a
/// heap of their own.
std::size_t heap_allocations() noexcept;

/// What this thread takes in its lifetime is not counted.
class Uncounted
{
public:
    Uncounted() noexcept;
    ~Uncounted();
    Uncounted(const Uncounted&) = delete;
    Uncounted& operator=(const Uncounted&) = delete;
};

} // namespace furiosa::test
