#pragma once

#include <catch2/catch.hpp>

#include <cstddef>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace furiosa::test {

/// As long as it lives, the process may have so much more address space than it has.
class AddressSpaceLimit
{
public:
    explicit AddressSpaceLimit(rlim_t more)
    {
        std::size_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        REQUIRE(::getrlimit(RLIMIT_AS, &before_) == 0);
        const rlimit now{pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + more, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_AS, &now) == 0);
    }
    ~AddressSpaceLimit() { ::setrlimit(RLIMIT_AS, &before_); }

private:
    rlimit before_{};
};

} // namespace furiosa::test
