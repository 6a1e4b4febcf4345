#include "cli/command_line.hpp"
#include "support/fault_server.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <simdjson.h>

namespace fs = std::filesystem;
using namespace furiosa;
using test::has;

namespace {

/// A registry made by the program itself.
struct CommandLine : test::CommandLine
{
    CommandLine()
    {
        folder.write("models/net@1/net.onnx", std::string(300'000, 'n'));
        folder.write("models/net@1/ranges.yaml", "ranges");
        folder.write("models/other.tflite", "tflite");
        published = run("registry publish " + (folder.path() / "models").native());
    }

    test::Result published;
};

} // namespace

TEST_CASE("a folder is published, listed, described and fetched")
{
    CommandLine line;
    CHECK(line.published.code == 0);
    CHECK(has(line.published.out, "2 models, 3 files"));

    const auto listed = line.run("list");
    CHECK(listed.code == 0);
    CHECK(has(listed.out, "NAME"));
    CHECK(has(listed.out, "net"));
    CHECK(has(listed.out, "300.0 kB"));

    const auto described = line.run("desc net@1");
    CHECK(described.code == 0);
    CHECK(has(described.out, "calibration"));
    CHECK(has(described.out, "no\n"));

    const auto fetched = line.run("fetch net other");
    INFO(fetched.errors);
    CHECK(fetched.code == 0);
    CHECK(has(fetched.out, "onnx"));
    CHECK_FALSE(has(fetched.out, "calibration"));
    CHECK(has(fetched.errors, "net  300.0 kB in "));
    CHECK(has(line.run("fetch net").errors, "net  300.0 kB, was there already"));
    CHECK(has(line.run("fetch net --all --quiet").out, "calibration"));
    CHECK(has(line.run("desc net").out, "yes\n"));
}

TEST_CASE("programs read JSON")
{
    CommandLine line;
    simdjson::dom::parser parser;
    const auto text = line.run("fetch net --all --json --quiet").out;
    const simdjson::dom::element document = parser.parse(text);
    std::size_t count = 0;
    for (const auto artifact : simdjson::dom::array(document)) {
        ++count;
        const std::string_view path = artifact["path"];
        CHECK(fs::file_size(path) == std::uint64_t(artifact["size"]));
    }
    CHECK(count == 2);
    for (const auto* command : {"list --json", "desc net --json", "cache ls --json", "cache verify --json",
                                "cache gc --json", "cache path --json", "registry publish --json"}) {
        std::string arguments = command;
        if (has(arguments, "publish"))
            arguments += " " + (line.folder.path() / "models").native();
        const auto result = line.run(arguments);
        INFO(command << ": " << result.out << result.errors);
        CHECK(result.code == 0);
        CHECK(parser.parse(result.out).error() == simdjson::SUCCESS);
    }
}

TEST_CASE("list takes a task")
{
    CommandLine line;
    CHECK(has(line.run("list object-detection --registry furiosa-public-zoo").out, "YOLOv5m"));
    CHECK_FALSE(has(line.run("list object-detection --registry furiosa-public-zoo").out, "ResNet50"));
    CHECK_FALSE(has(line.run("list no-such-task").out, "net"));
}

TEST_CASE("the store is verified, and collected")
{
    CommandLine line;
    line.run("fetch net --all --quiet");
    CHECK(line.run("cache path").out == (line.folder.path() / "store").native() + "\n");
    CHECK(line.run("cache verify").code == 0);
    CHECK(has(line.run("cache ls").out, "2 blobs, 300.0 kB"));

    for (const auto& entry : fs::recursive_directory_iterator(line.folder.path() / "store" / "blobs"))
        if (entry.is_regular_file() && entry.file_size() == 300'000) {
            fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
            std::fstream(entry.path(), std::ios::in | std::ios::out | std::ios::binary) << "damage";
        }
    const auto damaged = line.run("cache verify");
    CHECK(damaged.code == 1);
    CHECK(has(damaged.out, "1 damaged"));
    CHECK(line.run("cache verify --remove").code == 1);
    CHECK(line.run("cache verify").code == 0);

    line.run("fetch net --all --quiet");
    for (const auto& entry : fs::recursive_directory_iterator(line.folder.path() / "store" / "blobs"))
        if (entry.is_regular_file() && entry.file_size() == 300'000) // the one that was not used for the longest time
            fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(48));
    CHECK(has(line.run("cache gc --max-age 30d").out, "0 files removed"));
    CHECK(has(line.run("cache gc --max-size 100kB").out, "300.0 kB freed")); // the small one too, if it is older
}

TEST_CASE("exit codes and sentences say what is wrong")
{
    CommandLine line;
    const auto unknown = line.run("desc nett");
    CHECK(unknown.code == 3);
    CHECK(has(unknown.errors, "did you mean 'net'"));
    CHECK(line.run("").code == 2);
    CHECK(line.run("desc").code == 2);
    CHECK(line.run("cache gc --max-age 30").code == 2);
    CHECK(line.run("list --registry ftp://host/x").code == 2);
    CHECK(line.run("list --registry /no/such/folder").code == 3);
    CHECK(line.run(fmt::format("list --registry http://127.0.0.1:{}", test::unused_port())).code == 4);
    CHECK(line.run("registry publish /no/such/folder").code == 3);
    CHECK(line.run("list --offline --registry http://127.0.0.1:9").code == 3);
    line.folder.write("models/net@1/net.onnx", std::string(300'000, 'x'));
    CHECK(line.run("fetch net --quiet").code == 5);
    line.folder.write("models/artifacts.json", "{");
    CHECK(line.run("list").code == 5);
    line.folder.write("file", "");
    CHECK(line.run(fmt::format("--cache {}/file/store fetch net --quiet --registry {}", line.folder.path().native(),
                               (line.folder.path() / "models").native()))
              .code == 5); // the manifest comes first
}

TEST_CASE("a model that fails keeps no other from being fetched")
{
    CommandLine line;
    const auto fetched = line.run("fetch missing other --json --quiet");
    CHECK(fetched.code == 3);
    CHECK(has(fetched.out, "tflite"));
}

TEST_CASE("help shows examples and exit codes")
{
    CommandLine line;
    const auto help = line.run("--help");
    CHECK(help.code == 0);
    CHECK(has(help.out, "Examples:"));
    CHECK(has(help.out, "Exit codes:"));
    CHECK(line.run("--version").out == "0.1.0\n");
}
