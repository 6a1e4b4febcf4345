#pragma once

#include <atomic>
#include <cstddef>

namespace furiosa::test::nux {

/// Counts the objects of a class that are alive.
template <class T>
class Counted
{
public:
    static std::size_t alive() noexcept { return count; }

protected:
    Counted() noexcept { ++count; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --count; }

private:
    static inline std::atomic<std::size_t> count = 0;
};

} // namespace furiosa::test::nux
