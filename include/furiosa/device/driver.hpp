#pragma once

#include <furiosa/core/tensor_desc.hpp>

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace furiosa::program {
class Program;
}

namespace furiosa::device {

class OperatorTrace;

struct ModelImage;

/// A program on a device. What it holds is the driver's business.
class Executable
{
public:
    virtual ~Executable() = default;

    /// What its runs take and give. Those made from a program have the program's, and say nothing here.
    virtual std::vector<TensorDesc> inputs() const { return {}; }
    virtual std::vector<TensorDesc> outputs() const { return {}; }

    /// From now on each run tells what it did; called before the first one. A device that cannot say ignores it.
    virtual void trace_to(std::shared_ptr<OperatorTrace> trace) { static_cast<void>(trace); }

    /// Whether the device gave it up: all its runs fail from now on, with errc::device_lost. Known before the first of
    /// them completes.
    virtual bool is_lost() const noexcept { return false; }

    /// Nobody waits for what its runs compute: a device that can ends those under way, and whatever comes, with any error
    /// and as soon as it can. Must not block. Any thread.
    virtual void abandon() noexcept {}
};

/// One inference that a driver was given to do.
///
/// The buffers are those of the program's inputs and outputs, in its order and of its sizes: the queue checked
/// them. They stay valid until `complete` is called.
class Run
{
public:
    std::span<const boost::asio::const_buffer> inputs() const noexcept { return inputs_; }
    std::span<const boost::asio::mutable_buffer> outputs() const noexcept { return outputs_; }
    Executable& executable() const noexcept { return *executable_; }

    /// The device has let go of the buffers. To be called exactly once, from any thread, never from inside
    /// `Driver::start` and not under a lock that `start` takes, for it may start the next run at once. Afterwards
    /// the Run is gone. An exception says what failed.
    void complete(std::exception_ptr failure) noexcept;

    /// For the driver to link runs into a list of its own.
    Run* next = nullptr;

protected:
    Run() = default;
    ~Run() = default;

    std::span<const boost::asio::const_buffer> inputs_;
    std::span<const boost::asio::mutable_buffer> outputs_;
    Executable* executable_ = nullptr;
};

/// What stands behind a DeviceQueue: a device that takes programs and runs them.
///
/// `load` is called on threads of Context::start_thread, which do not stand back as workers do, and neither do those that
/// it starts; `start` from any thread but one call at a time. The destructor is called when no run is under way, and must
/// wait for threads of the driver that are still inside `Run::complete`.
class Driver
{
public:
    virtual ~Driver() = default;

    /// What programs must be compiled for, as "cpu-avx512".
    virtual std::string target() const = 0;

    /// How many runs it takes at once, counting those that it keeps ready for the next free element.
    virtual std::size_t capacity() const noexcept = 0;

    /// How many runs it works on at once: its processing elements.
    virtual std::size_t element_count() const noexcept { return capacity(); }

    /// Puts a program on the device. May block. Throws an Error: program_target_mismatch, device_failed, …
    virtual std::unique_ptr<Executable> load(const program::Program& program) = 0;

    /// Whether the device has a runtime that takes models as they are: then it takes no programs of this library.
    virtual bool takes_models() const noexcept { return false; }

    /// The version of that runtime's compiler, as manifests tell it of the programs that it made: "0.10.1_8b00177dc".
    virtual std::string compiler_version() const { return {}; }

    /// The same with a model. May take as long as to compile it. Throws errc::not_supported unless takes_models().
    virtual std::unique_ptr<Executable> load(const ModelImage& image);

    /// Begins a run of an executable that it loaded. Must not block.
    virtual void start(Run& run) noexcept = 0;
};

} // namespace furiosa::device
