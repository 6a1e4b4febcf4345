// load_model of a model whose artifact is in the store already.
//
//     bench_warm_load [MEGABYTES]
//
// The registry is a folder, so that the manifest is read anew each time but no server is measured. The peer is what
// hand-written code does: reading the file into memory.

#include "memory.hpp"
#include "statistics.hpp"
#include "support/temporary_directory.hpp"

#include <furiosa/furiosa.hpp>
#include <furiosa/store/digest.hpp>

#include <fmt/format.h>

#include <fstream>
#include <iterator>

int main(int argc, char** argv)
{
    const std::size_t megabytes = argc > 1 ? std::stoul(argv[1]) : 100;
    const furiosa::test::TemporaryDirectory folder;
    const std::string content(megabytes * 1'000'000, 'w');
    const auto digest = furiosa::store::digest_of(furiosa::store::DigestAlgorithm::sha256, std::as_bytes(std::span(content)));
    std::ofstream(folder.path() / "w.onnx") << content;
    std::ofstream(folder.path() / "artifacts.json")
        << fmt::format(R"({{"format_version": 1, "models": [{{"name": "w", "format": "onnx", "artifacts": [
                       {{"kind": "onnx", "uri": "w.onnx", "size": {}, "sha256": "{}"}}]}}]}})",
                       content.size(), digest.hex());

    furiosa::Context context;
    context.emplace<furiosa::store::Store>(furiosa::store::StoreOptions{folder.path() / "store"});
    furiosa::LoadOptions options(folder.path().native());
    options.context = &context;
    furiosa::blocking::load_model("w", options);

    std::vector<double> warm;
    std::vector<furiosa::Model> models;
    const auto before = bench::memory_kib("RssAnon");
    for (int i = 0; i != 200; ++i)
        warm.push_back(bench::time_of([&] { models.push_back(furiosa::blocking::load_model("w", options)); }));
    const auto grown = bench::memory_kib("RssAnon") - before;

    std::vector<double> read;
    for (int i = 0; i != 5; ++i)
        read.push_back(bench::time_of([&] {
            std::ifstream file(folder.path() / "w.onnx", std::ios::binary);
            std::string bytes(content.size(), '\0');
            file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        }));
    const auto ours = bench::median(warm);
    fmt::print("warm load of {} MB: median {:.3f} ms (goal 1), p99 {:.3f} ms; reading the file {:.1f} ms, {:.0f} x as long\n",
               megabytes, ours / 1e3, bench::percentile(warm, 0.99) / 1e3, bench::median(read) / 1e3, bench::median(read) / ours);
    fmt::print("warm load: {} KiB of memory for {} loaded models (nothing is copied)\n", grown, models.size());
}
