#pragma once

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <type_traits>

namespace furiosa {

/// What went wrong, for programs to branch on. The sentence for people is `Error::what()`.
///
/// `cancelled` and `timed_out` also compare equal to the generic conditions
/// `boost::system::errc::operation_canceled` and `timed_out`.
enum class errc {
    // Any operation
    cancelled = 1,
    timed_out,
    invalid_argument,
    would_deadlock,
    not_supported,
    out_of_memory,

    // http: reaching a server
    invalid_uri = 100,
    unknown_scheme,
    host_not_found,
    connection_refused,
    connection_failed,
    tls_failed,
    idle_timeout,
    too_slow,
    proxy_failed,

    // http: what the server said
    not_found = 120,
    request_rejected,
    server_error,
    malformed_response,
    header_too_large,
    too_many_redirects,
    insecure_redirect,
    truncated_body,
    body_too_large,

    // store
    size_mismatch = 200,
    digest_mismatch,
    store_not_writable,
    disk_full,
    file_not_found,
    io_error,
    not_in_store,

    // registry, model
    unknown_model = 300,
    unknown_artifact,
    malformed_manifest,
    uri_outside_registry,

    // compiler
    malformed_model = 400,
    unsupported_operator,
    dynamic_dimension,
    invalid_shape,
    invalid_compiler_config,

    // program
    malformed_program = 500,
    program_version_mismatch,
    program_target_mismatch,

    // device
    invalid_device_config = 600,
    device_not_found,
    device_busy,
    device_failed,
    device_lost,
    queue_closed,

    // session
    session_closed = 700,
    wrong_tensor_count,
    wrong_tensor_name,
    wrong_data_type,
    wrong_shape,
    malformed_tensor,
};

/// The category of `errc`, named "furiosa".
const boost::system::error_category& error_category() noexcept;

inline boost::system::error_code make_error_code(errc e) noexcept
{
    return {static_cast<int>(e), error_category()};
}

} // namespace furiosa

template <>
struct boost::system::is_error_code_enum<furiosa::errc> : std::true_type
{
};
