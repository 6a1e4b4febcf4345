#include <furiosa/session/session.hpp>

#include "model/terminal_text.hpp"
#include "session/profiler.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <functional>

namespace furiosa::session {

namespace asio = boost::asio;

namespace {

/// Made once: closing must not fail for want of memory.
const std::exception_ptr& session_closed()
{
    static const auto exception = std::make_exception_ptr(
        Error(errc::session_closed, "the session was closed: create another one to run the model again"));
    return exception;
}

std::string describe(const TensorDesc& desc)
{
    return fmt::format("{}{}", to_string(desc.data_type), to_string(desc.shape));
}

/// "'a', 'b'"
template <class Range, class Name>
std::string names_of(const Range& range, Name name)
{
    std::string text;
    for (const auto& element : range)
        text += fmt::format("{}'{}'", text.empty() ? "" : ", ", std::invoke(name, element));
    return text.empty() ? "none" : text;
}

template <class View>
void check_tensors(std::string_view kind, std::span<const View> views, const std::vector<TensorDesc>& descs)
{
    if (views.size() != descs.size())
        throw_error(errc::wrong_tensor_count, "expected {} {} tensor{}, got {}", descs.size(), kind,
                    descs.size() == 1 ? "" : "s", views.size());
    for (std::size_t i = 0; i != descs.size(); ++i) {
        const auto& view = views[i];
        const auto& desc = descs[i];
        if (view.data_type() == desc.data_type && view.shape() == desc.shape && (view.data() || view.size_in_bytes() == 0))
            continue;
        throw_error(view.data_type() != desc.data_type ? errc::wrong_data_type : errc::wrong_shape,
                    "{} {} '{}': expected {}, got {}{}{}", kind, i, desc.name, describe(desc),
                    to_string(view.data_type()), to_string(view.shape()), view.data() ? "" : " without memory");
    }
}

} // namespace

void Session::State::check_inputs(std::span<const ConstTensorView> in) const
{
    try {
        check_tensors("input", in, program.inputs());
    } catch (const Error& error) {
        throw error.within(model);
    }
}

std::vector<Tensor> Session::State::in_order(NamedTensors named) const
{
    const auto& inputs = program.inputs();
    std::vector<Tensor> ordered;
    for (const auto& desc : inputs) {
        auto* const tensor = named.find(desc.name);
        if (!tensor)
            throw_error(errc::wrong_tensor_count, "{}: expected the inputs {}, got {}: '{}' is missing", model,
                        names_of(inputs, &TensorDesc::name), names_of(named, &NamedTensors::value_type::first),
                        desc.name);
        ordered.push_back(std::move(*tensor));
    }
    for (const auto& [name, tensor] : named)
        if (std::ranges::find(inputs, name, &TensorDesc::name) == inputs.end())
            throw_error(errc::wrong_tensor_name, "{}: there is no input '{}': expected {}", model, name,
                        names_of(inputs, &TensorDesc::name));
    return ordered;
}

std::exception_ptr Session::State::check(std::span<const ConstTensorView> in, std::span<const TensorView> out) const
{
    try {
        check_tensors("input", in, program.inputs());
        check_tensors("output", out, program.outputs());
        return nullptr;
    } catch (const Error& error) {
        return std::make_exception_ptr(error.within(model));
    }
}

Session& Session::operator=(Session&& other) noexcept
{
    close();
    state_ = std::move(other.state_);
    return *this;
}

Session::Session(std::shared_ptr<State> state) : state_(std::move(state))
{
    session_closed();
}

Session::~Session()
{
    close();
}

void Session::close() noexcept
{
    if (!state_)
        return;
    state_->queue.close(session_closed());
    state_->program.abandon(); // a device that hangs must not keep them
    if (state_->profiler)
        state_->profiler->write_soon();
}

std::size_t Session::concurrency() const noexcept
{
    const auto& limits = state_->limits;
    auto count = state_->queue.device()->capacity();
    for (const auto limit : {limits.places, limits.running, limits.results})
        count = limit ? std::min(count, limit) : count;
    return count;
}

asio::awaitable<std::vector<Tensor>> Session::run(std::vector<Tensor> inputs)
{
    return run(state_, std::move(inputs));
}

asio::awaitable<std::vector<Tensor>> Session::run(std::shared_ptr<State> state, std::vector<Tensor> inputs)
{
    const std::vector<ConstTensorView> in(inputs.begin(), inputs.end());
    state->check_inputs(in);
    device::QueuePlace place;
    if (state->limits.places != 0)
        place = co_await state->queue.reserve();
    std::vector<Tensor> outputs;
    outputs.reserve(state->program.outputs().size());
    for (const auto& desc : state->program.outputs())
        outputs.emplace_back(desc.data_type, desc.shape);
    const std::vector<TensorView> out(outputs.begin(), outputs.end());
    const Submit submit{state.get(), &place};
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
        submit, asio::use_awaitable, std::span(in), std::span(out));
    co_return outputs;
}

asio::awaitable<NamedTensors> Session::run(NamedTensors inputs)
{
    const auto state = state_;
    auto outputs = co_await run(state, state->in_order(std::move(inputs)));
    NamedTensors named;
    for (std::size_t i = 0; i != outputs.size(); ++i)
        named.add(state->program.outputs()[i].name, std::move(outputs[i]));
    co_return named;
}

asio::awaitable<void> Session::run(std::span<const ConstTensorView> inputs, std::span<const TensorView> outputs)
{
    co_await async_run(inputs, outputs, asio::use_awaitable);
}

std::string Session::summary() const
{
    auto text = fmt::format("{} on {} ({})\n", state_->model, device(), target());
    for (const auto& desc : inputs())
        text += fmt::format("  input  {}\n", to_string(desc));
    for (const auto& desc : outputs())
        text += fmt::format("  output {}\n", to_string(desc));
    for (const auto& lost : lost_devices())
        text += fmt::format("  {} is lost: it answers no more\n", lost);
    if (!state_->source)
        return text;
    const auto& content = state_->source->content();
    text += fmt::format("  {} operators, weights of {}, an arena of {} on each of {} elements\n",
                        content.operators.size(), model::bytes_text(content.weights.size()),
                        model::bytes_text(content.arena_size), state_->queue.device()->element_count());
    return text;
}

void Session::print_summary() const
{
    std::fputs(summary().c_str(), stdout);
}

} // namespace furiosa::session
