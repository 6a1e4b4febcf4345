#include <furiosa/session/session.hpp>

#include <furiosa/core/error.hpp>

#include <cstdio>
#include <fmt/format.h>

namespace furiosa::session {

namespace asio = boost::asio;

namespace {

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

std::exception_ptr Session::State::check(std::span<const ConstTensorView> in, std::span<const TensorView> out) const
{
    try {
        check_tensors("input", in, inputs);
        check_tensors("output", out, outputs);
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

Session::~Session()
{
    close();
}

void Session::close() noexcept
{
    if (state_)
        state_->queue.close(session_closed());
}

asio::awaitable<std::vector<Tensor>> Session::run(std::vector<Tensor> inputs)
{
    std::vector<Tensor> outputs;
    outputs.reserve(state_->outputs.size());
    for (const auto& desc : state_->outputs)
        outputs.emplace_back(desc.data_type, desc.shape);
    const std::vector<ConstTensorView> in(inputs.begin(), inputs.end());
    const std::vector<TensorView> out(outputs.begin(), outputs.end());
    co_await async_run(in, out, asio::use_awaitable);
    co_return outputs;
}

std::string Session::summary() const
{
    auto text = fmt::format("{} on {} ({})\n", state_->model, device(), target());
    for (const auto& desc : state_->inputs)
        text += fmt::format("  input  {}\n", to_string(desc));
    for (const auto& desc : state_->outputs)
        text += fmt::format("  output {}\n", to_string(desc));
    return text;
}

void Session::print_summary() const
{
    std::fputs(summary().c_str(), stdout);
}

} // namespace furiosa::session
