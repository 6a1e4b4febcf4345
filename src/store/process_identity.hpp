#pragma once

#include <string>
#include <string_view>

namespace furiosa::store {

/// Names this process so that another can tell later whether it has ended: "<namespace>-<pid>-<start>", where
/// the namespace is that of process numbers in one boot of one machine, and the start tells a reused number.
const std::string& this_process();

/// Has the process of that name surely ended? One of another machine or container cannot be known to have.
bool has_surely_ended(std::string_view process);

} // namespace furiosa::store
