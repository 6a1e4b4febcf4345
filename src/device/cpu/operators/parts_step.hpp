#pragma once

#include "device/cpu/step_builder.hpp"

#include <atomic>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace furiosa::device::cpu {

/// Steps one after the other.
class SequenceStep final : public Step
{
public:
    void add(std::unique_ptr<Step> step) { steps_.push_back(std::move(step)); }

    void run(dnnl_stream_t stream) override
    {
        for (const auto& step : steps_)
            step->run(stream);
    }

private:
    std::vector<std::unique_ptr<Step>> steps_;
};

/// Steps that the team runs beside each other: parts of what the whole does.
class PartsStep final : public Step
{
public:
    explicit PartsStep(Team& team) : team_(team) {}

    void add(std::unique_ptr<Step> part) { parts_.push_back(std::move(part)); }

    void run(dnnl_stream_t stream) override
    {
        std::atomic<dnnl_status_t> status = dnnl_success;
        team_.run(static_cast<int>(parts_.size()), [&](int number, int) {
            try {
                parts_[static_cast<std::size_t>(number)]->run(stream);
            } catch (const dnnl::error& error) {
                status = error.status;
            } catch (const std::exception&) { // oneDNN takes memory for the arguments of a primitive
                status = dnnl_out_of_memory;
            }
        });
        dnnl::error::wrap_c_api(status, "a primitive could not be executed");
    }

private:
    Team& team_;
    std::vector<std::unique_ptr<Step>> parts_;
};

/// A primitive of a part. Others run at the same time: its scratchpad is its own.
inline std::unique_ptr<Step> make_part(StepBuilder& builder, dnnl::primitive primitive,
                                       const dnnl::memory::desc& scratchpad,
                                       std::vector<std::pair<int, dnnl::memory>> memories)
{
    if (scratchpad.get_size() != 0)
        memories.emplace_back(DNNL_ARG_SCRATCHPAD, dnnl::memory(scratchpad, builder.engine()));
    return builder.step(std::move(primitive), {}, {}, memories);
}

} // namespace furiosa::device::cpu
