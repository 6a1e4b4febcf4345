#pragma once

#include "device/cpu/element.hpp"

#include <furiosa/core/tensor_view.hpp>
#include <furiosa/device/cpu/executor.hpp>
#include <furiosa/device/driver.hpp>
#include <furiosa/device/operator_trace.hpp>
#include <furiosa/program/program.hpp>

#include <deque>
#include <memory>
#include <vector>

namespace furiosa::device::cpu {

/// A program on the CPU: an executor for each processing element; the weights are shared.
class LoadedExecutors final : public Executable
{
public:
    LoadedExecutors(const program::Program& program, const std::vector<Element>& elements)
    {
        for (const auto& element : elements) {
            const StayOn stay(element.processors); // for the helpers that are started here
            workers_.emplace_back(program, element.threads);
        }
    }

    void execute(std::size_t element, std::span<const boost::asio::const_buffer> inputs,
                 std::span<const boost::asio::mutable_buffer> outputs)
    {
        auto& worker = workers_[element];
        worker.execute(inputs, outputs);
        if (trace_)
            trace_->record(element, worker.spans);
    }

    void trace_to(std::shared_ptr<OperatorTrace> trace) override
    {
        for (auto& worker : workers_)
            worker.spans.resize(worker.operator_count);
        trace_ = std::move(trace);
    }

private:
    struct Worker
    {
        Worker(const program::Program& program, unsigned threads)
            : executor(program, threads), operator_count(program.content().operators.size())
        {
            for (const auto& desc : program.inputs())
                inputs.emplace_back(nullptr, desc.data_type, desc.shape);
            for (const auto& desc : program.outputs())
                outputs.emplace_back(nullptr, desc.data_type, desc.shape);
        }

        void execute(std::span<const boost::asio::const_buffer> in, std::span<const boost::asio::mutable_buffer> out)
        {
            for (std::size_t i = 0; i != in.size(); ++i)
                inputs[i] = {static_cast<const std::byte*>(in[i].data()), inputs[i].data_type(), inputs[i].shape()};
            for (std::size_t i = 0; i != out.size(); ++i)
                outputs[i] = {static_cast<std::byte*>(out[i].data()), outputs[i].data_type(), outputs[i].shape()};
            executor.execute(inputs, outputs, spans);
        }

        Executor executor;
        std::size_t operator_count;
        std::vector<OperatorSpan> spans; // empty unless somebody traces
        std::vector<ConstTensorView> inputs; // kept, so that a run allocates nothing
        std::vector<TensorView> outputs;
    };

    std::deque<Worker> workers_; // an Executor need not be movable
    std::shared_ptr<OperatorTrace> trace_;
};

} // namespace furiosa::device::cpu
