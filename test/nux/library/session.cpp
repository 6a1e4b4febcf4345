#include "nux/library/session.hpp"

#include "nux/library/code.hpp"
#include "nux/library/gate.hpp"
#include "nux/library/load_program.hpp"

namespace furiosa::test::nux {

Session::Session(std::span<const std::byte> model, const Options& options, std::size_t executors)
    : claim_(options.devices),
      model_(std::make_shared<Model>(load_program(model, static_cast<std::int64_t>(options.batch_size))))
{
    try {
        for (std::size_t i = 0; i != executors; ++i)
            workers_.emplace_back(model_->program());
    } catch (const std::exception&) {
        throw Failure{deploy_failed};
    }
    model_->publish();
}

Session::~Session()
{
    model_->withdraw();
}

void Session::check_inputs(const TensorArray& inputs) const
{
    if (!inputs.is_of(*model_, Direction::inputs) || !inputs.is_complete())
        throw Failure{invalid_inputs};
}

void Session::check_outputs(const TensorArray& outputs) const
{
    if (!outputs.is_of(*model_, Direction::outputs))
        throw Failure{invalid_outputs};
}

int Session::run(std::size_t executor, const TensorArray& inputs, TensorArray& outputs) noexcept
try {
    if (const int code = Gate::instance().pass(elements(), ended_); code != success)
        return code;
    compute(workers_[executor], inputs, outputs);
    return ended_ ? session_terminated : success;
} catch (...) {
    return execution_failed;
}

void Session::compute(Worker& worker, const TensorArray& inputs, TensorArray& outputs)
{
    outputs.allocate();
    std::lock_guard lock(worker.mutex);
    worker.executor.execute(inputs.views<ConstTensorView>(), outputs.views<TensorView>());
}

void Session::end()
{
    Gate::instance().end(ended_);
}

void Session::close()
{
    end();
    claim_.give_back();
}

} // namespace furiosa::test::nux
