// Fetches every artifact of a model at once into an empty store: what bench/fetch_many.sh runs against curl.
//
//     bench_fetch_many REGISTRY STORE      prints "<seconds>"

#include "statistics.hpp"

#include <furiosa/furiosa.hpp>

#include <boost/asio/use_future.hpp>
#include <fmt/format.h>
#include <future>
#include <vector>

int main(int argc, char** argv)
{
    if (argc != 3) {
        fmt::print(stderr, "bench_fetch_many REGISTRY STORE\n");
        return 2;
    }
    try {
        furiosa::Context context;
        context.emplace<furiosa::store::Store>(furiosa::store::StoreOptions{argv[2]});
        furiosa::LoadOptions options(argv[1]);
        options.context = &context;
        options.resolve = furiosa::Resolve::none;
        const auto took = bench::time_of([&] {
            const auto model = furiosa::blocking::load_model("many", options);
            std::vector<std::future<furiosa::SharedBytes>> fetches;
            for (const auto& artifact : model.artifacts())
                fetches.push_back(artifact.async_fetch(context.workers(), boost::asio::use_future));
            for (auto& fetch : fetches)
                fetch.get();
        });
        fmt::print("{:.4f}\n", took / 1e6);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
