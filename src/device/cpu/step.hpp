#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <vector>

namespace furiosa::device::cpu {

/// One operator of a program, ready to run.
///
/// Its memory objects belong to the executor, which points them at the caller's buffers before each run.
class Step
{
public:
    virtual ~Step() = default;
    virtual void run(dnnl_stream_t stream) = 0;
};

/// A step that is one oneDNN primitive. The arguments are put together once, so that a run allocates nothing but the
/// map that oneDNN makes of them.
class PrimitiveStep final : public Step
{
public:
    /// `own` is memory that the step alone uses.
    PrimitiveStep(dnnl::primitive primitive, std::vector<dnnl_exec_arg_t> arguments,
                  std::vector<dnnl::memory> own)
        : primitive_(std::move(primitive)),
          arguments_(std::move(arguments)),
          own_(std::move(own))
    {
    }

    void run(dnnl_stream_t stream) override
    {
        dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive_.get(), stream,
                                                       static_cast<int>(arguments_.size()),
                                                       arguments_.data()),
                                "a primitive could not be executed");
    }

private:
    dnnl::primitive primitive_;
    std::vector<dnnl_exec_arg_t> arguments_;
    std::vector<dnnl::memory> own_;
};

} // namespace furiosa::device::cpu
