#include "device/warboy/nux_session.hpp"

#include "device/warboy/nux_error.hpp"
#include "device/warboy/tensor_descs.hpp"

#include <cstring>
#include <fmt/format.h>
#include <pthread.h>
#include <system_error>
#include <utility>

namespace furiosa::device::warboy {

namespace {

/// The memory of inputs is the caller's.
void keep(std::uint8_t*, Nux::Size) {}

using Array = std::unique_ptr<void, void (*)(void*)>;

std::exception_ptr as_exception(int code, std::string_view while_doing)
{
    return std::make_exception_ptr(nux_error(code, while_doing));
}

} // namespace

void RunList::push_back(Run& run) noexcept
{
    run.next = nullptr;
    (last_ ? last_->next : first_) = &run;
    last_ = &run;
}

Run* RunList::pop_front() noexcept
{
    Run* const run = first_;
    if (run)
        remove(*run);
    return run;
}

bool RunList::remove(const Run& run) noexcept
{
    Run* previous = nullptr;
    for (Run* at = first_; at; previous = std::exchange(at, at->next)) {
        if (at != &run)
            continue;
        (previous ? previous->next : first_) = at->next;
        if (last_ == at)
            last_ = previous;
        return true;
    }
    return false;
}

NuxSession::NuxSession(std::shared_ptr<const NuxLibrary> nux, const std::string& device, const ModelImage& image,
                       DeviceRelease& release)
    : nux_(std::move(nux)), name_(fmt::format("{} on {}", image.name, device)),
      termination_(as_exception(nux_session_terminated, name_)), release_(release)
{
    try {
        create(device, image);
        model_ = (*nux_)->nux_async_session_get_model(session_);
        if (!model_)
            throw_error(errc::device_failed, "{}: the runtime says nothing of the model", name_);
        inputs_ = input_descs(nux_->functions(), model_);
        outputs_ = output_descs(nux_->functions(), model_);
        giver_ = std::jthread([this] { hand_over_runs(); });
        taker_ = std::jthread([this] { take_answers(); });
        refuser_ = std::jthread([this] { refuse_runs(); });
    } catch (const std::system_error& error) {
        destroy();
        throw_error(errc::out_of_memory, "{}: a thread could not be started: {}", name_, error.what());
    } catch (...) {
        destroy();
        throw;
    }
}

NuxSession::~NuxSession()
{
    destroy();
}

void NuxSession::create(const std::string& device, const ModelImage& image)
{
    const auto& nux = nux_->functions();
    const auto creating = fmt::format("{}: creating the session failed", name_);
    Array options(nux.nux_session_option_create(), nux.nux_session_option_destroy);
    if (!options)
        throw_error(errc::out_of_memory, "{}: the runtime gives no options", creating);
    nux.nux_session_option_set_device(options.get(), device.c_str());
    nux.nux_session_option_set_batch_size(options.get(), static_cast<Nux::Count>(image.batch_size));
    nux.nux_session_option_set_worker_num(options.get(), image.worker_num);
    nux.nux_session_option_set_input_queue_size(options.get(), image.queue_size);
    nux.nux_session_option_set_output_queue_size(options.get(), image.queue_size);
    if (!image.compiler_config.empty())
        if (const int code = nux.nux_session_option_set_compiler_config(options.get(), image.compiler_config.c_str()))
            throw nux_error(code, creating);
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(image.bytes.data());
    const int code = nux.nux_async_session_create(bytes, image.bytes.size(), options.release(), &session_, &queue_);
    if (session_)
        release_.session_made();
    if (code != nux_success)
        throw nux_error(code, creating);
    if (!session_ || !queue_)
        throw_error(errc::device_failed, "{}: the runtime gives no session", creating);
}

/// The runtime ends the queue when it ends the session; the taker does not return before.
void NuxSession::destroy() noexcept
{
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (giver_.joinable())
        giver_.join();
    if (session_) // the giver was never there
        give_back();
    if (taker_.joinable())
        taker_.join();
    if (refuser_.joinable())
        refuser_.join();
    if (queue_)
        nux_->functions().nux_completion_queue_destroy(queue_);
}

void NuxSession::start(Run& run) noexcept
{
    {
        std::lock_guard lock(mutex_);
        waiting_.push_back(run);
    }
    changed_.notify_all();
}

/// Null when nothing more is to be handed over.
Run* NuxSession::next_to_give()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || over_ || !waiting_.empty(); });
    if (stopping_ || over_)
        return nullptr;
    giving_ = waiting_.pop_front();
    running_.push_back(*giving_); // its answer may come before the runtime returns from being given it
    return giving_;
}

/// What is there, or comes, when nothing more is handed over. Null when the session is to be destroyed.
Run* NuxSession::next_to_refuse()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || (over_ && !waiting_.empty()); });
    return waiting_.pop_front();
}

/// On a thread of its own: the others may be in the runtime, which may never come back from a device that is gone.
void NuxSession::refuse_runs()
{
    pthread_setname_np(pthread_self(), "furiosa-npu-no");
    while (Run* const run = next_to_refuse())
        run->complete(termination_);
}

void NuxSession::hand_over_runs()
{
    pthread_setname_np(pthread_self(), "furiosa-npu-in");
    while (Run* const run = next_to_give())
        hand_over(*run);
    give_back();
}

/// The runtime ends the queue of answers, if it has not, before it returns.
void NuxSession::give_back() noexcept
{
    (*nux_)->nux_async_session_destroy(std::exchange(session_, nullptr));
    release_.session_destroyed(over_);
}

/// Afterwards the run may be gone, unless it is still in the list.
void NuxSession::hand_over(Run& run)
{
    std::exception_ptr failure;
    const int code = give(run, failure);
    if (code == nux_session_terminated)
        lose();
    bool unanswered;
    {
        std::lock_guard lock(mutex_);
        giving_ = nullptr;
        unanswered = (failure || ended_) && running_.remove(run);
    }
    if (unanswered)
        run.complete(failure ? failure : termination_);
}

int NuxSession::give(Run& run, std::exception_ptr& failure)
{
    try {
        void* const inputs = make_inputs(run);
        const int code = (*nux_)->nux_async_session_run(session_, &run, inputs);
        if (code == nux_session_terminated)
            failure = termination_;
        else if (code != nux_success)
            failure = as_exception(code, name_);
        return code;
    } catch (const std::exception&) {
        failure = std::current_exception();
        return nux_success;
    }
}

/// Tensors that lie where the caller's do.
void* NuxSession::make_inputs(const Run& run) const
{
    const auto& nux = nux_->functions();
    Array inputs(nux.nux_tensor_array_create_inputs(model_), nux.nux_tensor_array_destroy);
    if (!inputs || nux.nux_tensor_array_len(inputs.get()) != run.inputs().size())
        throw_error(errc::device_failed, "{}: the runtime has other inputs than before", name_);
    for (std::size_t i = 0; i != run.inputs().size(); ++i) {
        const auto& buffer = run.inputs()[i];
        auto* const bytes = static_cast<std::uint8_t*>(const_cast<void*>(buffer.data()));
        void* const tensor = nux.nux_tensor_array_get(inputs.get(), i);
        if (const int code = nux.tensor_set_buffer(tensor, bytes, buffer.size(), keep))
            throw nux_error(code, fmt::format("{}: input {}", name_, i));
    }
    return inputs.release();
}

void NuxSession::take_answers()
{
    pthread_setname_np(pthread_self(), "furiosa-npu-out");
    const auto& nux = nux_->functions();
    for (;;) {
        void* context = nullptr;
        void* outputs = nullptr;
        int code = nux_success;
        if (!nux.nux_completion_queue_next(queue_, &context, &outputs, &code))
            break;
        const Array kept(outputs, nux.nux_tensor_array_destroy);
        if (code == nux_session_terminated)
            lose();
        auto* const run = static_cast<Run*>(context);
        if (run && claim(*run))
            answer(*run, outputs, code);
    }
    queue_ended();
}

void NuxSession::answer(Run& run, void* outputs, int code) noexcept
{
    std::exception_ptr failure;
    try {
        if (code == nux_session_terminated)
            std::rethrow_exception(termination_);
        if (code != nux_success)
            throw nux_error(code, name_);
        copy_outputs(run, outputs);
    } catch (const std::exception&) {
        failure = std::current_exception();
    }
    run.complete(failure);
}

/// The interface has no way to let the device write into the caller's memory.
void NuxSession::copy_outputs(const Run& run, void* outputs) const
{
    const auto& nux = nux_->functions();
    if (!outputs || nux.nux_tensor_array_len(outputs) != run.outputs().size())
        throw_error(errc::device_failed, "{}: the runtime gave other outputs than the model has", name_);
    for (std::size_t i = 0; i != run.outputs().size(); ++i) {
        std::uint8_t* bytes = nullptr;
        Nux::Size size = 0;
        if (const int code = nux.tensor_get_buffer(nux.nux_tensor_array_get(outputs, i), &bytes, &size))
            throw nux_error(code, fmt::format("{}: output {}", name_, i));
        const auto& buffer = run.outputs()[i];
        if (size != buffer.size())
            throw_error(errc::device_failed, "{}: output {} came with {} bytes instead of {}", name_, i, size, buffer.size());
        if (size != 0)
            std::memcpy(buffer.data(), bytes, size);
    }
}

/// Whoever takes a run from the list completes it.
bool NuxSession::claim(const Run& run)
{
    std::lock_guard lock(mutex_);
    return running_.remove(run);
}

void NuxSession::lose() noexcept
{
    std::lock_guard lock(mutex_);
    if (stopping_ || over_)
        return;
    release_.begin();
    lost_ = over_ = true;
    changed_.notify_all();
}

void NuxSession::abandon() noexcept
{
    std::lock_guard lock(mutex_);
    if (stopping_ || over_)
        return;
    release_.begin();
    over_ = true;
    changed_.notify_all();
}

/// What the runtime did not answer it has let go of, but for the one that it is just given.
void NuxSession::queue_ended() noexcept
{
    lose();
    RunList unanswered;
    {
        std::lock_guard lock(mutex_);
        ended_ = true;
        const bool keep = giving_ && running_.remove(*giving_);
        std::swap(unanswered, running_);
        if (keep)
            running_.push_back(*giving_); // whoever gives it completes it
    }
    while (Run* const run = unanswered.pop_front())
        run->complete(termination_);
}

} // namespace furiosa::device::warboy
