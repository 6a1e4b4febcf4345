#pragma once

#include <furiosa/program/program.hpp>
#include <furiosa/session/create_session.hpp>
#include <furiosa/session/session.hpp>

#include <memory>
#include <string>

namespace furiosa::session {

/// Puts a program on a device and makes the session for it.
class SessionFactory
{
public:
    /// `name` says in errors what the session runs. Of the options, the limits and the trace are looked at. To be
    /// awaited on the I/O executor.
    static boost::asio::awaitable<Session> make(boost::asio::any_io_executor caller,
                                                std::shared_ptr<device::Device> device, program::Program program,
                                                std::string name, SessionOptions options = {});

    /// The same with a model, for a device whose runtime takes it.
    static boost::asio::awaitable<Session> make(boost::asio::any_io_executor caller,
                                                std::shared_ptr<device::Device> device, device::ModelImage image,
                                                std::string name, SessionOptions options);

    /// Gives such a device the best of what there is for a source.
    static boost::asio::awaitable<Session> make_on_runtime(boost::asio::any_io_executor caller,
                                                           std::shared_ptr<device::Device> device,
                                                           SessionSource source, std::string name,
                                                           SessionOptions options);

private:
    static std::shared_ptr<Session::State> make_state(const boost::asio::any_io_executor& caller,
                                                      std::shared_ptr<device::Device> device, std::string name,
                                                      const SessionOptions& options);
};

} // namespace furiosa::session
