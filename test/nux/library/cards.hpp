#pragma once

#include "nux/library/device_name.hpp"

#include <mutex>
#include <string_view>
#include <vector>

namespace furiosa::test::nux {

/// The devices that there are, and which of their elements a session has.
class Cards
{
public:
    static Cards& instance();

    /// Throws creation_failed, and changes nothing, if it cannot be read.
    void set_devices(std::string_view names);
    void reset() { set_devices(usual); }

    /// The elements of devices that there are. Throws creation_failed if there is none of that name, or if they
    /// overlap.
    Elements find(std::string_view names) const;

    /// Takes the elements, which nobody else has; without a name those of the first card that is free. Throws
    /// creation_failed, device_busy.
    Elements claim(std::string_view names);
    void give_back(const Elements& elements);
    bool is_taken(std::string_view names) const;

private:
    static constexpr std::string_view usual = "npu:0:0,npu:0:1,npu:0:0-1,npu:1:0,npu:1:1,npu:1:0-1";

    Cards() { reset(); }

    // Under the mutex:
    Elements elements_of(const DeviceName& name) const;
    Elements elements_of(const std::vector<DeviceName>& names) const;
    Elements elements_of_free_card() const;
    bool is_free(const Elements& elements) const;

    mutable std::mutex mutex_;
    std::vector<DeviceName> devices_;
    Elements taken_;
};

/// Elements that a session has until it ends.
class Claim
{
public:
    explicit Claim(std::string_view names) : elements_(Cards::instance().claim(names)) {}
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() { give_back(); }

    const Elements& elements() const noexcept { return elements_; }
    /// May be called again, and by several threads.
    void give_back()
    {
        std::call_once(given_back_, [this] { Cards::instance().give_back(elements_); });
    }

private:
    const Elements elements_;
    std::once_flag given_back_;
};

} // namespace furiosa::test::nux
