#pragma once

#include "nux/library/cards.hpp"
#include "nux/library/counted.hpp"
#include "nux/library/model.hpp"
#include "nux/library/options.hpp"
#include "nux/library/tensor_array.hpp"

#include <furiosa/device/cpu/executor.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>

namespace furiosa::test::nux {

/// A model on devices: what sessions of both kinds are.
class Session : Counted<Session>
{
public:
    /// Throws Failure with the code that the creation is to give.
    Session(std::span<const std::byte> model, const Options& options, std::size_t executors);
    ~Session();

    using Counted<Session>::alive;
    const std::shared_ptr<Model>& model() const noexcept { return model_; }
    const Elements& elements() const noexcept { return claim_.elements(); }

    /// Throws invalid_inputs, invalid_outputs.
    void check_inputs(const TensorArray& inputs) const;
    void check_outputs(const TensorArray& outputs) const;

    /// Blocks until the run is done, or the session has ended; gives its code. Outputs without memory get some.
    int run(std::size_t executor, const TensorArray& inputs, TensorArray& outputs) noexcept;

    /// No run begins any more; those that wait, come back with session_terminated.
    void end();
    /// Ends it, and the devices are free.
    void close();
    bool has_ended() const noexcept { return ended_; }

private:
    struct Worker
    {
        Worker(const program::Program& program) : executor(program, 1) {}

        std::mutex mutex;
        device::cpu::Executor executor;
    };

    void compute(Worker& worker, const TensorArray& inputs, TensorArray& outputs);

    Claim claim_;
    std::shared_ptr<Model> model_;
    std::deque<Worker> workers_;
    std::atomic<bool> ended_ = false;
};

} // namespace furiosa::test::nux
