#include "device/warboy/warboy_driver.hpp"

#include "device/warboy/nux_session.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/program/program.hpp>

#include <algorithm>
#include <pthread.h>
#include <utility>

namespace furiosa::device::warboy {

std::string default_nux_library()
{
    return FURIOSA_NUX_LIBRARY;
}

/// Whoever drops it may be an event loop, and the runtime takes its time to end a session: a thread of the driver waits.
class WarboyDriver::LoadedModel final : public Executable
{
public:
    LoadedModel(WarboyDriver& driver, std::unique_ptr<NuxSession> session)
        : driver_(driver), session_(std::move(session))
    {
    }
    ~LoadedModel() override { driver_.end_soon(session_.release()); }

    std::vector<TensorDesc> inputs() const override { return session_->inputs(); }
    std::vector<TensorDesc> outputs() const override { return session_->outputs(); }
    bool is_lost() const noexcept override { return session_->is_lost(); }
    void abandon() noexcept override { session_->abandon(); }
    NuxSession& session() noexcept { return *session_; }

private:
    WarboyDriver& driver_;
    std::unique_ptr<NuxSession> session_;
};

WarboyDriver::WarboyDriver(std::shared_ptr<const NuxLibrary> nux, const npu::DeviceFile& file)
    : nux_(std::move(nux)), file_(file), device_(to_string(file.device))
{
    try {
        ender_ = std::jthread([this] { end_sessions(); });
    } catch (const std::exception& error) {
        throw_error(errc::out_of_memory, "{}: a thread could not be started: {}", device_, error.what());
    }
}

WarboyDriver::~WarboyDriver()
{
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
}

void WarboyDriver::end_soon(NuxSession* session) noexcept
{
    std::lock_guard lock(mutex_);
    session->next = std::exchange(to_end_, session);
    ++dropped_;
    changed_.notify_all();
}

void WarboyDriver::end_sessions()
{
    pthread_setname_np(pthread_self(), "furiosa-npu-end");
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return to_end_ || stopping_; });
        if (!to_end_)
            return;
        std::unique_ptr<NuxSession> session(std::exchange(to_end_, to_end_->next));
        lock.unlock();
        session.reset();
        lock.lock();
        ++ended_;
        changed_.notify_all();
    }
}

std::unique_ptr<Executable> WarboyDriver::load(const program::Program& program)
{
    throw_error(errc::program_target_mismatch,
                "the program was compiled for {}, but {} is a Warboy: give the model's ENF, ONNX or TFLite",
                program.target(), device_);
}

std::unique_ptr<Executable> WarboyDriver::load(const ModelImage& image)
{
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this, before = dropped_] { return ended_ >= before; });
    }
    auto own = image;
    own.queue_size = std::max(own.queue_size, capacity());
    return std::make_unique<LoadedModel>(*this, std::make_unique<NuxSession>(nux_, device_, own, release_));
}

void WarboyDriver::start(Run& run) noexcept
{
    static_cast<LoadedModel&>(run.executable()).session().start(run);
}

} // namespace furiosa::device::warboy
