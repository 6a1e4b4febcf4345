#pragma once

#include <furiosa/core/byte_range.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/http/uri.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace furiosa::http {

using Header = std::pair<std::string, std::string>;

/// One resource to be fetched.
struct GetRequest
{
    Uri uri;
    std::vector<Header> headers;
    /// The value of an Authorization header; sent to the origin of `uri` only, whatever redirects say. User info in
    /// the URI gives a Basic one where this is empty.
    std::string authorization;
    /// More than this many bytes are an error.
    std::uint64_t max_size = UINT64_MAX;
    /// Where the resource still has this entity tag, its bytes are not sent again. Empty: they always are.
    std::string if_none_match;
    /// The whole must have come in this time, retries and pauses included. Zero: however long it takes.
    std::chrono::milliseconds deadline{0};
    /// How often it is tried, where there is another place to ask. Unset: as RetryPolicy says.
    std::optional<unsigned> attempts;
};

/// What the server said before the body.
struct ResponseHead
{
    unsigned status = 0;
    std::string reason;
    std::optional<std::uint64_t> content_length;
    std::string content_range;
    std::string content_encoding;
    std::string transfer_encoding;
    std::string location;
    std::string etag;
    std::string last_modified;
    std::string date;
    std::string retry_after;
};

struct RetryPolicy
{
    unsigned attempts = 4;
    std::chrono::milliseconds first_backoff{200};
    std::chrono::milliseconds longest_backoff{10'000};
    /// A Retry-After beyond this gives up at once.
    std::chrono::milliseconds longest_retry_after{30'000};
    unsigned max_redirects = 10;
};

/// The decisions of one download, without the I/O: is fed what happened, answers what to do next.
///
/// Start with `start()`; carry out the action; report with the matching `on_…`, which answers the next action.
///
///     Ask       connect to the URI and send a GET with these headers       → on_response or on_failure
///     TakeBody  hand the body to the sink, beginning at that offset        → on_body_end or on_failure
///     Wait      do nothing for a while                                     → on_waited
///     Done      the body has come whole                                    (last)
///     Unchanged the entity tag that was asked about is still the resource's (last)
///     Fail      tell the user                                              (last)
class DownloadMachine
{
public:
    struct Ask
    {
        Uri uri;
        std::vector<Header> headers;
    };
    struct TakeBody
    {
        std::uint64_t offset = 0;
        std::optional<std::uint64_t> total; ///< of the whole resource
        bool whole = true;                  ///< the body is the resource, not the part that was asked for
        std::uint64_t limit = UINT64_MAX;   ///< a body of more bytes is an error
    };
    struct Wait
    {
        std::chrono::milliseconds time;
    };
    struct Done
    {
    };
    struct Unchanged
    {
    };
    struct Fail
    {
        Error error;
    };
    using Action = std::variant<Ask, TakeBody, Wait, Done, Unchanged, Fail>;

    /// `random()` gives numbers in [0, 1), for the jitter; `now()` the time of day, for Retry-After dates.
    DownloadMachine(GetRequest request, RetryPolicy policy, std::function<double()> random,
                    std::function<std::chrono::sys_seconds()> now);

    /// Fetches the resource from byte number `position`; `validator` is that of the bytes before it.
    Action start(std::uint64_t position, std::string validator = {});
    /// Fetches the bytes of that range, whether there are some already or not. With a validator the answer may be
    /// the whole of another resource (`TakeBody::whole`), and is where the server knows no ranges.
    Action start_range(ByteRange range, std::string validator);

    Action on_response(const ResponseHead& head);
    /// The body ended when the sink held the bytes before `position`.
    Action on_body_end(std::uint64_t position);
    /// The connection or the transfer failed when the sink held the bytes before `position`.
    Action on_failure(const Error& error, std::uint64_t position);
    Action on_waited();

    /// A range may be shortened under way.
    void set_end(std::uint64_t end) noexcept { end_ = end; }

    /// Where the current request goes, for errors.
    const Uri& uri() const noexcept { return uri_; }
    /// What identifies the resource whose bytes come: a strong entity tag, or a date. Empty: nothing does.
    const std::string& validator() const noexcept { return validator_; }
    /// The entity tag of the newest answer as it stands there, weak or strong.
    const std::string& etag() const noexcept { return etag_; }
    /// Did the server ask to be left alone (429, 503) in its newest answer?
    bool is_throttled() const noexcept { return throttled_; }

private:
    Action ask();
    Action take_whole(const ResponseHead& head);
    Action take_rest(const ResponseHead& head);
    std::optional<Action> refuse_coding(const ResponseHead& head) const;
    Action start_again(std::string_view why);
    Action redirect(const ResponseHead& head);
    Action refuse(const ResponseHead& head);
    Action retry_or_fail(Error error, std::optional<std::chrono::milliseconds> retry_after);
    std::chrono::milliseconds backoff();
    std::optional<std::chrono::milliseconds> read_retry_after(const std::string& text) const;
    Error error_at(errc code, std::string_view what) const;

    GetRequest request_;
    RetryPolicy policy_;
    std::function<double()> random_;
    std::function<std::chrono::sys_seconds()> now_;
    Uri uri_;
    std::string validator_; // of the bytes that the sink holds
    std::string etag_;
    std::optional<std::uint64_t> end_;   // of the range; unset: the resource's own
    std::optional<std::uint64_t> total_; // of the resource
    std::uint64_t position_ = 0;
    bool asked_range_ = false;
    std::optional<std::uint64_t> asked_end_;
    bool throttled_ = false;
    std::uint64_t asked_from_ = 0;
    unsigned attempt_ = 0;
    unsigned redirects_ = 0;
};

} // namespace furiosa::http
