#include "device/warboy/warboy_driver.hpp"

#include "device/warboy/nux_session.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/core/post_gate.hpp>
#include <furiosa/program/program.hpp>

#include <algorithm>
#include <exception>

namespace furiosa::device::warboy {

namespace {

std::string notation_of(std::span<const npu::DeviceFile> files)
{
    std::string notation;
    for (const auto& file : files)
        notation += (notation.empty() ? "" : ",") + to_string(file.device);
    return notation;
}

/// Programs are compiled for one element, or for a fused pair, as which a whole card works, too.
std::string target_of(std::span<const npu::DeviceFile> files)
{
    const bool fused = !std::ranges::all_of(files, [](const npu::DeviceFile& file) { return file.device.elements && file.device.elements->size() == 1; });
    return fused ? "warboy-2pe" : "warboy";
}

} // namespace

std::string default_nux_library()
{
    return FURIOSA_NUX_LIBRARY;
}

/// Ends its session on a worker: that waits for the runtime, and whoever drops the last run may be an event loop.
class WarboyDriver::LoadedModel final : public Executable
{
public:
    LoadedModel(WarboyDriver& driver, std::unique_ptr<NuxSession> session) : driver_(driver), session_(std::move(session))
    {
        std::lock_guard lock(driver_.mutex_);
        ++driver_.sessions_;
    }

    ~LoadedModel() override
    {
        auto end = [&driver = driver_, session = std::shared_ptr<NuxSession>(std::move(session_))]() mutable {
            session.reset();
            driver.session_ended();
        };
        try {
            furiosa::detail::post_from_outside(driver_.context_.workers(), end);
        } catch (const std::exception&) { // no memory for it: then here
            end();
        }
    }

    std::vector<TensorDesc> inputs() const override { return session_->inputs(); }
    std::vector<TensorDesc> outputs() const override { return session_->outputs(); }
    NuxSession& session() noexcept { return *session_; }

private:
    WarboyDriver& driver_;
    std::unique_ptr<NuxSession> session_;
};

WarboyDriver::WarboyDriver(Context& context, std::shared_ptr<const NuxLibrary> nux,
                           std::span<const npu::DeviceFile> files)
    : context_(context), nux_(std::move(nux)), device_(notation_of(files)), target_(target_of(files)),
      elements_(files.size())
{
}

WarboyDriver::~WarboyDriver()
{
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return sessions_ == 0; });
}

/// Notifies under the mutex: whoever waits for it destroys the condition.
void WarboyDriver::session_ended()
{
    std::lock_guard lock(mutex_);
    --sessions_;
    ended_.notify_all();
}

std::unique_ptr<Executable> WarboyDriver::load(const program::Program& program)
{
    throw_error(errc::program_target_mismatch,
                "the program was compiled for {}, but {} is a Warboy: give the model's ENF, ONNX or TFLite",
                program.target(), device_);
}

std::unique_ptr<Executable> WarboyDriver::load(const ModelImage& image)
{
    auto own = image;
    own.queue_size = std::max(own.queue_size, capacity());
    return std::make_unique<LoadedModel>(*this, std::make_unique<NuxSession>(nux_, device_, own));
}

void WarboyDriver::start(Run& run) noexcept
{
    static_cast<LoadedModel&>(run.executable()).session().start(run);
}

} // namespace furiosa::device::warboy
