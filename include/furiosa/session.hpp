#pragma once

#include <furiosa/session/create_session.hpp>
#include <furiosa/session/named_tensors.hpp>
#include <furiosa/session/programs.hpp>
#include <furiosa/session/session.hpp>

namespace furiosa {

using session::async_create_session;
using session::create_session;
using session::NamedTensors;
using session::Session;
using session::SessionOptions;
using session::SessionSource;

} // namespace furiosa
