// One verified fetch into an empty store: what bench/fetch.sh runs against curl.
//
//     bench_fetch REGISTRY STORE      prints "<seconds> <largest resident set, KiB>"
//
// The clock runs around the call alone, as it does not for curl: starting a process takes some milliseconds more.

#include "memory.hpp"
#include "statistics.hpp"

#include <furiosa/furiosa.hpp>

#include <fmt/format.h>

int main(int argc, char** argv)
{
    if (argc != 3) {
        fmt::print(stderr, "bench_fetch REGISTRY STORE\n");
        return 2;
    }
    try {
        furiosa::Context context;
        context.emplace<furiosa::store::Store>(furiosa::store::StoreOptions{argv[2]});
        furiosa::LoadOptions options((std::string(argv[1])));
        options.context = &context;
        const auto took = bench::time_of([&] { furiosa::blocking::load_model("large", options); });
        fmt::print("{:.4f} {}\n", took / 1e6, bench::memory_kib("VmHWM"));
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
