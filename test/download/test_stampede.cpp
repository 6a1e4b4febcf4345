#include "download/client_process.hpp"
#include "download/registry_files.hpp"
#include "store/store_fixture.hpp"
#include "support/web_server.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace fs = std::filesystem;
using namespace furiosa;
using namespace std::chrono_literals;
using test::ChildProcess;
using test::ClientReport;
using test::WebServer;
using test::WebServerKind;

namespace {

constexpr int processes = 16;
constexpr std::size_t coroutines = 16;
constexpr std::size_t size = 50'000'000;
constexpr auto watchdog = 240s;

enum class Locks { work, do_nothing };

/// What one process after the other has said. All are started before the first one is waited for.
std::vector<ClientReport> stampede(const WebServer& server, const fs::path& store, const fs::path& outputs, Locks locks)
{
    std::vector<ChildProcess> clients;
    const auto output = [&](int i) { return outputs / std::to_string(i); };
    for (int i = 0; i != processes; ++i) {
        auto command = test::client_command(server.uri(""), store, output(i),
                                            {"--coroutines", std::to_string(coroutines), "--default-client", "1"});
        if (locks == Locks::do_nothing)
            command.environment = {{"LD_PRELOAD", FURIOSA_NO_LOCKS}};
        clients.emplace_back(command);
    }
    std::vector<ClientReport> reports;
    for (int i = 0; i != processes; ++i) {
        const auto ending = clients[static_cast<std::size_t>(i)].wait(watchdog);
        INFO("process " << i << ": " << test::text_of(output(i)));
        REQUIRE(ending);
        CHECK(ending->exit_code == 0);
        reports.push_back(test::read_report(output(i)));
    }
    return reports;
}

/// Partial files that belong to a process. All that were here have ended.
std::vector<std::string> abandoned_files(const fs::path& store)
{
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(store / "partial"))
        if (entry.path().native().find(".free.") == std::string::npos)
            names.push_back(entry.path().filename().native());
    return names;
}

} // namespace

TEST_CASE("sixteen processes of sixteen coroutines load one artifact into one empty store, and all get the right bytes")
{
    const auto locks = GENERATE(Locks::work, Locks::do_nothing);
    const std::string named = locks == Locks::work ? "with locks" : "with locks that do nothing";
    INFO(named);
    if (!WebServer::is_installed(WebServerKind::nginx)) {
        WARN("skipped: nginx is not installed");
        return;
    }
#ifdef FURIOSA_SANITIZED
    if (locks == Locks::do_nothing) {
        WARN("skipped: a sanitizer wants to be loaded before the library that takes the locks away");
        return;
    }
#endif
    const WebServer server(WebServerKind::nginx);
    const auto content = test::random_bytes(size, 1);
    server.publish("net.onnx", content);
    server.publish("artifacts.json", test::manifest_for(content));
    const test::TemporaryDirectory folder;
    const auto root = folder.path() / "store";
    fs::create_directory(folder.path() / "outputs");

    const auto reports = stampede(server, root, folder.path() / "outputs", locks);

    const std::vector<std::string> right(coroutines, test::sha256_of(content));
    std::uint64_t downloads = 0;
    for (const auto& report : reports) {
        CHECK(report.locks == (locks == Locks::work));
        CHECK(report.digests == right);
        downloads += report.downloads;
    }
    CHECK(abandoned_files(root).empty());
    test::StoreFixture f(root);
    const auto found = boost::asio::co_spawn(f.context.io_executor(), f.store.verify(), boost::asio::use_future).get();
    CHECK(found.blobs == 1);
    CHECK(found.bytes == size);
    CHECK(found.damaged.empty());
    fmt::print("stampede, {}: {} processes, {} of them downloaded, by {} GETs of the artifact\n", named, reports.size(),
               downloads, server.requests("/net.onnx").size());
    std::fflush(stdout);
}
