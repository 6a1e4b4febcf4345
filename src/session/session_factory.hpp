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
};

} // namespace furiosa::session
