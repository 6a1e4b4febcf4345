// Runs conformance cases of ONNX on the CPU device.
//
//     furiosa-onnx-test [-v] [--expected-failures FILE] DIR…
//
// Every folder below DIR with a model.onnx is a case. With -v there is a line a case, with the reason of a failure. A
// file of expected failures has a line "<case>: <reason>" each, and # for comments: then only a failure that is not
// there, or a pass that is, is an error.

#include "conformance/conformance_case.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> cases_below(const std::vector<std::string>& roots)
{
    std::vector<fs::path> cases;
    for (const auto& root : roots)
        for (const auto& entry : fs::recursive_directory_iterator(root))
            if (entry.path().filename() == "model.onnx")
                cases.push_back(entry.path().parent_path());
    std::ranges::sort(cases);
    return cases;
}

std::set<std::string> read_expected(const std::string& file)
{
    std::set<std::string> names;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);)
        if (!line.empty() && line[0] != '#')
            names.insert(line.substr(0, line.find(':')));
    return names;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Runs conformance cases of ONNX on the CPU device", "furiosa-onnx-test");
    bool verbose = false;
    std::string expected_file;
    std::vector<std::string> roots;
    app.add_flag("-v,--verbose", verbose, "A line a case, with the reason of a failure");
    app.add_option("--expected-failures", expected_file, "Cases that are known to fail, with their reasons")
        ->check(CLI::ExistingFile);
    app.add_option("DIR", roots, "Folders with cases")->required()->check(CLI::ExistingDirectory);
    CLI11_PARSE(app, argc, argv);

    auto expected = read_expected(expected_file);
    int passed = 0, failed = 0, surprises = 0;
    for (const auto& folder : cases_below(roots)) {
        const auto name = folder.filename().native();
        const auto reason = furiosa::test::run_conformance_case(folder);
        ++(reason.empty() ? passed : failed);
        const bool surprising = expected.erase(name) != (reason.empty() ? 0u : 1u);
        surprises += surprising;
        if (verbose || (surprising && !expected_file.empty()))
            fmt::print("{}: {}{}\n", name, reason.empty() ? "passed" : "FAILED: " + reason,
                       surprising && !expected_file.empty() ? " (not expected)" : "");
    }
    fmt::print("{} passed, {} failed\n", passed, failed);
    return (expected_file.empty() ? failed : surprises) == 0 && passed + failed != 0 ? 0 : 1;
}
