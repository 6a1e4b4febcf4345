#include "compiler/run_on_cpu.hpp"
#include "zoo/zoo.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

using namespace furiosa;

namespace {

/// From the first operator that names it to the last.
struct Use
{
    std::size_t first = SIZE_MAX;
    std::size_t last = 0;
};

std::vector<Use> uses_of(const program::ProgramContent& content)
{
    std::vector<Use> uses(content.tensors.size());
    for (std::size_t i = 0; i != content.operators.size(); ++i)
        for (const auto* list : {&content.operators[i].inputs, &content.operators[i].outputs})
            for (const auto tensor : *list)
                if (tensor < uses.size()) {
                    uses[tensor].first = std::min(uses[tensor].first, i);
                    uses[tensor].last = i;
                }
    return uses;
}

/// The most bytes of the arena that are in use during one operator; memory that tensors share counts once.
std::uint64_t peak_of(const program::ProgramContent& content)
{
    const auto uses = uses_of(content);
    std::uint64_t peak = 0;
    for (std::size_t i = 0; i != content.operators.size(); ++i) {
        std::map<std::uint64_t, std::uint64_t> ranges; // begin to end
        for (std::size_t t = 0; t != uses.size(); ++t) {
            const auto& tensor = content.tensors[t];
            if (tensor.location == program::Location::arena && uses[t].first <= i && i <= uses[t].last)
                ranges[tensor.offset] = std::max(ranges[tensor.offset], tensor.offset + tensor.size);
        }
        std::uint64_t live = 0;
        std::uint64_t reached = 0;
        for (const auto& [begin, end] : ranges) {
            live += end > reached ? end - std::max(begin, reached) : 0;
            reached = std::max(reached, end);
        }
        peak = std::max(peak, live);
    }
    return peak;
}

} // namespace

TEST_CASE("the arena is at most 1.3 times what lives at once")
{
    zoo::Options options;
#ifdef FURIOSA_SANITIZED
    options.width = 0.25; // at full width the weights alone are too much for a sanitizer
#endif
    for (const auto& name : zoo::names()) {
        const auto onnx = zoo::make(name, options).SerializeAsString();
        const auto program = test::compile_for_cpu(std::as_bytes(std::span(onnx)));
        const auto peak = peak_of(program.content());
        const auto ratio = static_cast<double>(program.arena_size()) / static_cast<double>(peak);
        const auto line =
            fmt::format("{}: an arena of {} bytes for {}: {:.3f}", name, program.arena_size(), peak, ratio);
        fmt::print("{}\n", line);
        INFO(line);
        CHECK(ratio <= 1.3);
    }
}
