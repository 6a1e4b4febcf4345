#pragma once

#include "device/warboy/device_release.hpp"
#include "device/warboy/nux_library.hpp"

#include <furiosa/core/tensor_desc.hpp>
#include <furiosa/device/driver.hpp>
#include <furiosa/device/model_image.hpp>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace furiosa::device::warboy {

/// Runs in the order they came.
class RunList
{
public:
    bool empty() const noexcept { return first_ == nullptr; }
    void push_back(Run& run) noexcept;
    Run* pop_front() noexcept;
    /// False if it is not there.
    bool remove(const Run& run) noexcept;

private:
    Run* first_ = nullptr;
    Run* last_ = nullptr;
};

/// A session of the vendor's runtime, with three threads: one hands runs over, since the runtime may make its caller wait,
/// one waits for its answers, and one answers what comes when nothing more is handed over.
///
/// A run completes when the runtime has answered it: only then has it let go of the inputs. When the runtime ends the
/// session by itself, it answers what it has and then ends its queue of answers, or does so when the session is destroyed.
/// That is done at once then, so that its device can be had anew, and when nobody waits for its runs any more. All runs that
/// it did not answer, and all that come, fail with errc::device_lost.
class NuxSession
{
public:
    /// Compiles, if the image is no program yet. Blocks. Throws what nux_error makes of the runtime's codes.
    /// `release` is told when the runtime ends the session by itself, or it is abandoned, and when the runtime's session is
    /// destroyed then.
    NuxSession(std::shared_ptr<const NuxLibrary> nux, const std::string& device, const ModelImage& image,
               DeviceRelease& release);
    NuxSession(const NuxSession&) = delete;
    NuxSession& operator=(const NuxSession&) = delete;
    /// Waits for the runtime to end the session. No run may be under way.
    ~NuxSession();

    const std::vector<TensorDesc>& inputs() const noexcept { return inputs_; }
    const std::vector<TensorDesc>& outputs() const noexcept { return outputs_; }
    /// Whether the runtime ended it by itself. True before the first run fails so.
    bool is_lost() const noexcept { return lost_; }

    /// For the driver to link sessions into a list of its own.
    NuxSession* next = nullptr;

    /// Never blocks; the run completes on a thread of the session.
    void start(Run& run) noexcept;

    /// Destroys the runtime's session, on a thread of this one: what runs, and whatever comes, fails.
    void abandon() noexcept;

private:
    void create(const std::string& device, const ModelImage& image);
    void destroy() noexcept;
    void hand_over_runs();
    void take_answers();
    void give_back() noexcept;
    Run* next_to_give();
    Run* next_to_refuse();
    void refuse_runs();
    void hand_over(Run& run);
    int give(Run& run, std::exception_ptr& failure);
    void* make_inputs(const Run& run) const;
    void copy_outputs(const Run& run, void* outputs) const;
    void answer(Run& run, void* outputs, int code) noexcept;
    bool claim(const Run& run);
    void lose() noexcept;
    void queue_ended() noexcept;

    std::shared_ptr<const NuxLibrary> nux_;
    const std::string name_;           // for errors: "cat.onnx on npu:0:0"
    const std::exception_ptr termination_; // made before memory may be short
    DeviceRelease& release_;
    void* session_ = nullptr;
    void* queue_ = nullptr;
    void* model_ = nullptr;
    std::vector<TensorDesc> inputs_;
    std::vector<TensorDesc> outputs_;

    std::mutex mutex_;
    std::condition_variable changed_;
    RunList waiting_;
    RunList running_;         // that the runtime has, or is just given
    Run* giving_ = nullptr;   // that one: its buffers are in use whatever the runtime answers
    std::atomic<bool> lost_ = false; // the runtime has ended it by itself
    bool over_ = false;       // it has, or it was abandoned: nothing more is handed over
    bool ended_ = false;      // nothing more is answered
    bool stopping_ = false;

    std::jthread giver_;
    std::jthread taker_;
    std::jthread refuser_;
};

} // namespace furiosa::device::warboy
