#pragma once

#include "device/warboy/nux_library.hpp"

#include <furiosa/core/context.hpp>
#include <furiosa/device/driver.hpp>
#include <furiosa/device/npu/card.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>

namespace furiosa::device::warboy {

/// The library that was named when this one was built: "libnux.so".
std::string default_nux_library();

/// A Warboy, or some of its elements, behind the vendor's runtime. Each model that is loaded is a session of the runtime.
class WarboyDriver final : public Driver
{
public:
    WarboyDriver(Context& context, std::shared_ptr<const NuxLibrary> nux, std::span<const npu::DeviceFile> files);
    /// Waits until the runtime has ended all sessions.
    ~WarboyDriver() override;

    /// "warboy", or "warboy-2pe" for fused pairs, as the vendor calls the programs for them.
    std::string target() const override { return target_; }
    std::size_t capacity() const noexcept override { return runs_at_once * elements_; }
    std::size_t element_count() const noexcept override { return elements_; }
    bool takes_models() const noexcept override { return true; }

    std::unique_ptr<Executable> load(const program::Program& program) override;
    std::unique_ptr<Executable> load(const ModelImage& image) override;
    void start(Run& run) noexcept override;

private:
    class LoadedModel;

    /// On each element: one is computed while the next comes over and the last goes back.
    static constexpr std::size_t runs_at_once = 4;

    void session_ended();

    Context& context_;
    const std::shared_ptr<const NuxLibrary> nux_;
    const std::string device_; // in the runtime's notation: "npu:0:0,npu:0:1"
    const std::string target_;
    const std::size_t elements_; // that work by themselves
    std::mutex mutex_;
    std::condition_variable ended_;
    std::size_t sessions_ = 0;
};

} // namespace furiosa::device::warboy
