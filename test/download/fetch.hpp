#pragma once

#include <furiosa/http/client.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace furiosa::test {

/// Loads the source of one model, as a program would that uses this library.
struct FetchJob
{
    std::string registry;
    std::string model = "net";
    std::filesystem::path store;
    http::ClientOptions client;
    unsigned coroutines = 1; ///< so many load it at the same time
    /// The fetch is given up as one that hangs, and reported so.
    std::chrono::seconds patience{60};
};

/// How it ended.
struct FetchReport
{
    bool hangs = false;
    /// What the bytes that each coroutine got hash to.
    std::vector<std::string> digests;
    /// The first error that some coroutine got: the name of its category, its number, its sentence.
    std::string category;
    int code = 0;
    std::string error;
    std::uint64_t downloads = 0;
    std::uint64_t resumed = 0;

    bool is_error() const noexcept { return code != 0; }
    /// An error of this library, with a sentence.
    bool is_typed_error() const noexcept { return category == "furiosa" && code > 0 && !error.empty(); }
};

/// Never throws what the fetch throws; it is reported.
FetchReport fetch(const FetchJob& job);

/// A client that waits for nothing long and goes on over several connections at once from 100 kB on.
http::ClientOptions impatient_client();

} // namespace furiosa::test
