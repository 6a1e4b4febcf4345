#pragma once

#include <furiosa/core/context.hpp>
#include <furiosa/core/errc.hpp>
#include <furiosa/device/detail/lane.hpp>
#include <furiosa/device/driver.hpp>
#include <furiosa/device/queue_limits.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace furiosa::device {

/// One device that several queues share: takes their operations in turn, one of each, and gives its driver as many
/// at once as it takes.
///
/// Members
///   A device may consist of several, as elements and cards that work by themselves, each with a driver. A program is
///   loaded on all of them, and each run is given to the least loaded one that has room. When one gives a program up
///   (Executable::is_lost), the runs that it failed are given to the others, once, before what waits in their queue, and
///   whatever comes goes to the others, too. Members of one card may die together, so that such runs wait for those of
///   another card, if there is one, and let others pass. When none is left, runs fail with errc::device_lost.
/// Thread safety
///   All functions may be called from any thread.
class Device
{
public:
    struct Member
    {
        Member(std::string member_name, std::unique_ptr<Driver> its_driver, unsigned on_card = 0)
            : name(std::move(member_name)), driver(std::move(its_driver)), capacity(driver->capacity()), card(on_card)
        {
        }

        /// "npu:0:1"
        std::string name;
        std::unique_ptr<Driver> driver;
        std::size_t capacity;
        unsigned card;

    private:
        friend class Device;
        std::size_t running = 0;
    };

    Device(Context& context, std::string name, std::unique_ptr<Driver> driver);
    /// Of several, at least one, which take the same programs.
    Device(Context& context, std::string name, std::vector<Member> members);
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    ~Device();

    Context& context() const noexcept { return context_; }
    /// As it was asked for: "cpu(1)*2".
    const std::string& name() const noexcept { return name_; }
    /// What programs must be compiled for.
    std::string target() const { return members_.front().driver->target(); }
    /// Whether its runtime takes models as they are, and no programs of this library.
    bool takes_models() const noexcept { return members_.front().driver->takes_models(); }
    /// How many runs it takes at once, and how many of them it works on at once.
    std::size_t capacity() const noexcept { return capacity_; }
    std::size_t element_count() const noexcept;
    std::span<const Member> members() const noexcept { return members_; }

    /// Fails all that is queued, and all that comes, with errc::queue_closed; what runs completes so when the
    /// driver lets go of it, which it is asked to do (Executable::abandon).
    void close() noexcept;

private:
    friend class DeviceQueue;
    friend class QueuePlace;
    friend class Run;
    friend void detail::cancel(detail::Operation&) noexcept;
    friend void detail::taken(detail::Operation&) noexcept;
    friend void detail::dropped(detail::Operation&) noexcept;

    using Lane = detail::Lane;
    using Operation = detail::Operation;

    std::shared_ptr<Lane> open_lane(const QueueLimits& limits);
    void submit(Operation& operation) noexcept;
    void reject(Operation& operation, std::exception_ptr reason) noexcept;
    void cancel(Operation& operation) noexcept;
    void cancel_all(Lane& lane) noexcept;
    void close_lane(Lane& lane, std::exception_ptr reason) noexcept;
    void remove_lane(Lane& lane) noexcept;
    void completed(Operation& operation, std::exception_ptr failure) noexcept;
    void taken(Operation& operation) noexcept;
    void dropped(Operation& operation) noexcept;
    void give_place_back(Lane& lane) noexcept;

    // Under the mutex:
    void enqueue(Operation& operation) noexcept;
    void let_in(Lane& lane) noexcept;
    void leave(Operation& operation) noexcept;
    void forget_if_done(const Lane& lane) noexcept;
    unsigned preference(std::size_t member, const Operation& operation) const noexcept;
    std::optional<std::size_t> member_for(const Operation& operation) const noexcept;
    Operation* next_to_start(Lane& lane) noexcept;
    Operation* next_to_start() noexcept;
    void abandon(Lane& lane, const std::exception_ptr& reason) noexcept;
    void start_what_fits() noexcept;
    void start(Operation& operation) noexcept;
    void stopped(Operation& operation) noexcept;
    bool may_run_elsewhere(const Operation& operation) const noexcept;
    void give_again(Operation& operation) noexcept;
    void finish(Operation& operation, std::exception_ptr failure) noexcept;

    Context& context_;
    const std::string name_;
    std::mutex mutex_;
    std::deque<std::shared_ptr<Lane>> lanes_; // the first is served next
    std::size_t queued_ = 0;
    std::size_t running_ = 0;
    std::exception_ptr closed_;
    std::size_t capacity_ = 0;
    std::vector<Member> members_; // destroyed first: their threads may still be inside `completed`
};

} // namespace furiosa::device
