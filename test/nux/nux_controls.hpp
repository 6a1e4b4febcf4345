#pragma once

#include <cstdint>

/// What the stand-in has beside the vendor's interface: how a test steers it, and sees what it holds.
///
/// All may be called from any thread. Functions that return `int` return an error code of the vendor.
extern "C" {

/// Everything as it was when the library was loaded; runs that are held go on. What is alive stays alive.
void nux_stand_in_reset(void);

/// How long each run takes, on any device.
void nux_stand_in_set_latency(unsigned long long microseconds);
/// On this device, and those that share elements with it, it takes so long instead. Code 1: no such device.
int nux_stand_in_set_device_latency(const char* device, unsigned long long microseconds);

/// From now on runs stay on their devices until they are released, the oldest first.
void nux_stand_in_hold(void);
/// Lets `count` of the runs that are held, or will be, go on.
void nux_stand_in_release(std::uintptr_t count);
/// From now on, who destroys an asynchronous session waits, as with a device that does not answer its driver.
void nux_stand_in_hold_destruction(void);
/// Nothing is held any more.
void nux_stand_in_let_go(void);

/// The next run that would go on fails with this code; 0: none.
void nux_stand_in_fail_next_run(int code);
/// The next creation of a session fails with this code; 0: none.
void nux_stand_in_fail_next_creation(int code);
/// All sessions on the device end with code 22; their elements are free when they are destroyed. Code 1: no such device.
int nux_stand_in_terminate(const char* device);
/// Asynchronous sessions on the device end with code 22, too, but do not answer what they had (if they are not just about
/// to), and their completion queues end only when they are destroyed.
int nux_stand_in_fall_silent(const char* device);
/// Whether a session has it, or an element of it.
bool nux_stand_in_is_taken(const char* device);

/// Which ENFs it takes, by the four bytes behind `enf` in hexadecimal.
void nux_stand_in_set_ir_version(const char* hexadecimal);
/// What devices there are: "npu:0:0,npu:0:1,npu:0:0-1". Code 1: no such notation, and nothing is changed.
int nux_stand_in_set_devices(const char* names);

/// What the last session was to be, whether it came to be or not: "npu:0:0, 1 worker, batch 1, queues of 6 and 6", and
/// behind that its compiler configuration. Stays there until the stand-in is reset.
const char* nux_stand_in_last_options(void);
/// What it was to be made from, and of how many bytes.
std::uintptr_t nux_stand_in_last_model(const std::uint8_t** bytes);

std::uintptr_t nux_stand_in_options_alive(void);
std::uintptr_t nux_stand_in_sessions_alive(void);
std::uintptr_t nux_stand_in_queues_alive(void);
std::uintptr_t nux_stand_in_tensor_arrays_alive(void);
/// Memory of tensors: its own, and what was set and is not yet given back.
std::uintptr_t nux_stand_in_buffers_alive(void);
/// How often something was handed in that is no handle, or none any more: a double destroy, say.
std::uintptr_t nux_stand_in_misuses(void);

/// Since the library was loaded or reset.
std::uintptr_t nux_stand_in_runs_started(void);
/// Of them, those on this device, and on those that share elements with it.
std::uintptr_t nux_stand_in_device_runs_started(const char* device);
/// Blocks until as many runs were started.
void nux_stand_in_wait_for_started(std::uintptr_t count);

} // extern "C"
