#pragma once

#include "support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <fmt/format.h>
#include <sys/wait.h>

namespace furiosa::test {

/// What a run of furiosa-models came to.
struct Result
{
    int code = -1;
    std::string out;
    std::string errors;
};

/// The program, with a folder and a store of its own.
struct CommandLine
{
    Result run(const std::string& arguments) const
    {
        const auto errors = folder.path() / "errors";
        const auto command = fmt::format("env FURIOSA_CACHE_HOME={0}/store FURIOSA_REGISTRY={0}/models {1} {2} 2>{3}",
                                         folder.path().native(), FURIOSA_MODELS_PROGRAM, arguments, errors.native());
        Result result;
        std::FILE* const pipe = ::popen(command.c_str(), "r");
        REQUIRE(pipe);
        std::array<char, 4096> piece;
        while (const auto count = std::fread(piece.data(), 1, piece.size(), pipe))
            result.out.append(piece.data(), count);
        result.code = WEXITSTATUS(::pclose(pipe));
        std::ifstream text(errors);
        result.errors.assign(std::istreambuf_iterator<char>(text), {});
        return result;
    }

    TemporaryDirectory folder;
};

inline bool has(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

} // namespace furiosa::test
