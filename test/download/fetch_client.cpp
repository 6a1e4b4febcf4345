// fetch_client --registry URI --store FOLDER [--model NAME] [--coroutines N] [--idle-ms N] [--default-client 1]
//
// Loads a model's source and says in one line of JSON how that ended. Exits with 0 when every coroutine has its bytes,
// with 3 after an error of the library, with 4 after any other.

#include "download/fetch.hpp"

#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <string>
#include <sys/file.h>
#include <unistd.h>

namespace {

/// Does a second lock on a file wait for the first one here? Not where locks are no-ops.
bool locks_work()
{
    std::FILE* const file = std::tmpfile();
    const int first = ::fileno(file);
    const int second = ::open(fmt::format("/proc/self/fd/{}", first).c_str(), O_RDONLY | O_CLOEXEC);
    ::flock(first, LOCK_EX | LOCK_NB);
    const bool refused = second >= 0 && ::flock(second, LOCK_EX | LOCK_NB) != 0;
    ::close(second);
    std::fclose(file);
    return refused;
}

/// An error's sentence as a JSON string; control characters are of no interest.
std::string quoted(const std::string& text)
{
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return quoted + '"';
}

int print(const furiosa::test::FetchReport& report)
{
    fmt::print(R"({{"locks": {}, "digests": ["{}"], "downloads": {}, "resumed": {}, "hangs": {}, "category": "{}", )"
               R"("code": {}, "error": {}}})"
               "\n",
               locks_work(), fmt::join(report.digests, "\", \""), report.downloads, report.resumed, report.hangs,
               report.category, report.code, quoted(report.error));
    if (report.hangs)
        return 4;
    if (report.is_error())
        return report.is_typed_error() ? 3 : 4;
    return 0;
}

} // namespace

int main(int count, char** arguments)
{
    std::map<std::string, std::string> values;
    for (int i = 1; i + 1 < count; i += 2)
        values[arguments[i]] = arguments[i + 1];
    furiosa::test::FetchJob job;
    job.registry = values.at("--registry");
    job.store = values.at("--store");
    job.client = furiosa::test::impatient_client();
    if (values.contains("--default-client")) {
        job.client = {};
        job.client.proxy = {};
    }
    if (values.contains("--model"))
        job.model = values["--model"];
    if (values.contains("--coroutines"))
        job.coroutines = static_cast<unsigned>(std::stoul(values["--coroutines"]));
    if (values.contains("--idle-ms"))
        job.client.idle_timeout = std::chrono::milliseconds(std::stoul(values["--idle-ms"]));
    return print(furiosa::test::fetch(job));
}
