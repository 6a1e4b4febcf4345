#pragma once

#include "device/warboy/device_release.hpp"
#include "device/warboy/nux_library.hpp"

#include <furiosa/device/driver.hpp>
#include <furiosa/device/npu/card.hpp>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace furiosa::device::warboy {

class NuxSession;

/// The library that was named when this one was built: "libnux.so".
std::string default_nux_library();

/// An element of a Warboy, a fused pair or a card, behind the vendor's runtime. Each model that is loaded is a session of
/// the runtime.
class WarboyDriver final : public Driver
{
public:
    /// Throws errc::out_of_memory when its thread cannot be started.
    WarboyDriver(std::shared_ptr<const NuxLibrary> nux, const npu::DeviceFile& file);
    /// Waits until the runtime has ended all sessions.
    ~WarboyDriver() override;

    /// That of its file: "warboy", or "warboy-2pe".
    std::string target() const override { return file_.target; }
    std::size_t capacity() const noexcept override { return runs_at_once; }
    std::size_t element_count() const noexcept override { return 1; }
    bool takes_models() const noexcept override { return true; }
    std::string compiler_version() const override { return nux_->compiler_version(); }

    std::unique_ptr<Executable> load(const program::Program& program) override;
    /// Waits for sessions that were dropped before: they still have the device.
    std::unique_ptr<Executable> load(const ModelImage& image) override;
    void start(Run& run) noexcept override;

    const npu::DeviceFile& file() const noexcept { return file_; }
    /// When the runtime ended a session, or nobody waits for it any more, the device is for others, on another Device.
    const DeviceRelease& release() const noexcept { return release_; }

private:
    class LoadedModel;

    /// One is computed while the next comes over and the last goes back.
    static constexpr std::size_t runs_at_once = 4;

    void end_sessions();
    void end_soon(NuxSession* session) noexcept;

    const std::shared_ptr<const NuxLibrary> nux_;
    const npu::DeviceFile file_;
    const std::string device_; // in the runtime's notation: "npu:0:0-1"

    DeviceRelease release_;
    std::mutex mutex_;
    std::condition_variable changed_;
    NuxSession* to_end_ = nullptr; // a list
    std::uint64_t dropped_ = 0;
    std::uint64_t ended_ = 0;
    bool stopping_ = false;
    std::jthread ender_;
};

} // namespace furiosa::device::warboy
