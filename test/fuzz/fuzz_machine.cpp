// A whole download from a server that changes the resource, cuts, refuses, redirects, and ignores ranges, as the
// input says. When the input ends the server behaves, and the download must end too.

#include "require.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/http/download_machine.hpp>

#include <algorithm>
#include <charconv>
#include <fuzzer/FuzzedDataProvider.h>

using namespace furiosa;
using http::DownloadMachine;

namespace {

/// A resource that has another content, size and entity tag with each version.
struct Resource
{
    std::uint64_t size() const { return 40 + version % 7; }
    std::string etag() const { return '"' + std::to_string(version) + '"'; }

    unsigned version = 1;
};

/// An answer, and which bytes of which version are its body.
struct Answer
{
    http::ResponseHead head;
    unsigned version = 0;
    std::uint64_t first = 0;
    std::uint64_t count = 0;
};

class Server
{
public:
    explicit Server(FuzzedDataProvider& input) : input_(input) {}

    /// Nothing: the connection failed.
    std::optional<Answer> answer(const DownloadMachine::Ask& ask)
    {
        if (input_.ConsumeIntegralInRange(0, 5) == 1)
            ++resource_.version;
        switch (input_.ConsumeIntegralInRange(0, 9)) {
        case 1: return std::nullopt;
        case 2: return refusal(503);
        case 3: return refusal(429);
        case 4: return redirect();
        case 5: return refusal(404);
        case 6: return whole();
        default: return range(ask);
        }
    }

private:
    Answer refusal(unsigned status)
    {
        Answer answer;
        answer.head.status = status;
        if (input_.ConsumeBool())
            answer.head.retry_after = std::to_string(input_.ConsumeIntegralInRange(0, 40));
        return answer;
    }

    Answer redirect()
    {
        Answer answer;
        answer.head.status = input_.PickValueInArray({302u, 307u, 308u, 301u, 303u});
        answer.head.location = input_.PickValueInArray({"/other", "https://else/where", "http://host/clear", "::", ""});
        return answer;
    }

    void add_validator(Answer& answer)
    {
        answer.version = resource_.version;
        switch (input_.ConsumeIntegralInRange(0, 4)) {
        case 1: return;
        case 2: answer.head.etag = "W/" + resource_.etag(); return;
        default: answer.head.etag = resource_.etag();
        }
    }

    Answer whole()
    {
        Answer answer;
        answer.head.status = 200;
        answer.head.content_length = resource_.size();
        answer.count = resource_.size();
        add_validator(answer);
        return answer;
    }

    Answer range(const DownloadMachine::Ask& ask)
    {
        const auto find = [&](std::string_view name) {
            const auto at = std::ranges::find(ask.headers, name, [](const http::Header& h) { return h.first; });
            return at == ask.headers.end() ? std::string() : at->second;
        };
        const auto range = find("Range");
        const auto condition = find("If-Range");
        if (range.empty() || condition != resource_.etag())
            return whole();
        std::uint64_t first = 0;
        std::from_chars(range.data() + 6, range.data() + range.size(), first);
        Answer answer;
        if (first >= resource_.size()) {
            answer.head.status = 416;
            answer.head.content_range = "bytes */" + std::to_string(resource_.size());
            return answer;
        }
        answer.head.status = 206;
        answer.first = first;
        answer.count = resource_.size() - first;
        answer.head.content_length = answer.count;
        answer.head.content_range = "bytes " + std::to_string(first) + "-" + std::to_string(resource_.size() - 1) + "/" +
                                    std::to_string(resource_.size());
        add_validator(answer);
        return answer;
    }

    FuzzedDataProvider& input_;
    Resource resource_;
};

/// Carries out the actions; a byte of the sink is the version that it is of.
class Download
{
public:
    explicit Download(FuzzedDataProvider& input) : input_(input), server_(input) {}

    void run()
    {
        http::GetRequest request;
        request.uri = http::Uri::parse("https://host/resource");
        request.max_size = 1000;
        DownloadMachine machine(std::move(request), {}, [] { return 0.5; }, [] { return std::chrono::sys_seconds(); });
        auto action = machine.start(0);
        for (int steps_left = 200; !is_last(action); ) {
            if (input_.remaining_bytes() == 0)
                REQUIRE(--steps_left != 0);
            action = step(machine, action);
        }
        if (std::holds_alternative<DownloadMachine::Done>(action))
            check_content();
    }

private:
    static bool is_last(const DownloadMachine::Action& action)
    {
        return std::holds_alternative<DownloadMachine::Done>(action) ||
               std::holds_alternative<DownloadMachine::Unchanged>(action) ||
               std::holds_alternative<DownloadMachine::Fail>(action);
    }

    DownloadMachine::Action step(DownloadMachine& machine, const DownloadMachine::Action& action)
    {
        if (std::holds_alternative<DownloadMachine::Wait>(action))
            return machine.on_waited();
        if (const auto* ask = std::get_if<DownloadMachine::Ask>(&action)) {
            REQUIRE(ask->uri.scheme == "https");
            const auto answer = server_.answer(*ask);
            if (!answer)
                return machine.on_failure(Error(errc::connection_failed, "cut"), sink_.size());
            answer_ = *answer;
            return machine.on_response(answer_.head);
        }
        return take_body(machine, std::get<DownloadMachine::TakeBody>(action));
    }

    DownloadMachine::Action take_body(DownloadMachine& machine, const DownloadMachine::TakeBody& body)
    {
        REQUIRE(body.offset == answer_.first); // what comes is taken for what it is
        REQUIRE(body.offset == 0 || body.offset == sink_.size());
        sink_.resize(body.offset);
        const auto count = input_.ConsumeBool() ? input_.ConsumeIntegralInRange<std::uint64_t>(0, answer_.count)
                                                : answer_.count;
        sink_.insert(sink_.end(), count, answer_.version);
        if (count == answer_.count)
            return machine.on_body_end(sink_.size());
        return machine.on_failure(Error(errc::truncated_body, "cut"), sink_.size());
    }

    void check_content() const
    {
        REQUIRE(!sink_.empty());
        const auto version = sink_.front();
        REQUIRE(std::ranges::count(sink_, version) == static_cast<std::ptrdiff_t>(sink_.size()));
        REQUIRE(sink_.size() == Resource{version}.size());
    }

    FuzzedDataProvider& input_;
    Server server_;
    Answer answer_;
    std::vector<unsigned> sink_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    FuzzedDataProvider input(data, size);
    Download(input).run();
    return 0;
}
