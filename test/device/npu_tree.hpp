#pragma once

#include "support/temporary_directory.hpp"

#include <furiosa/device/npu/discover.hpp>

#include <fmt/format.h>
#include <map>
#include <string>
#include <string_view>

namespace furiosa::test {

/// A devfs and a sysfs of our own, as the NPU's driver makes them.
class NpuTree
{
public:
    std::filesystem::path dev() const { return folder_.path() / "dev"; }
    std::filesystem::path sys() const { return folder_.path() / "sys"; }

    /// These roots, where files can be opened but for those in `failures`.
    device::npu::Roots roots() const
    {
        device::npu::Roots roots(dev(), sys());
        roots.probe = [failures = failures](const std::filesystem::path& file) -> std::error_code {
            const auto found = failures.find(file.filename());
            return found == failures.end() ? std::error_code() : std::make_error_code(found->second);
        };
        return roots;
    }

    /// Writes a file that a card has in sysfs.
    void set(unsigned card, const std::string& name, std::string_view text) const
    {
        folder_.write(fmt::format("sys/class/npu_mgmt/npu{}_mgmt/{}", card, name), text);
    }

    static std::string pci_address(unsigned card) { return fmt::format("0000:{:02x}:00.0", 0x6d + card); }

    std::string pci_folder(unsigned card) const { return "sys/bus/pci/devices/" + pci_address(card); }

    void write(const std::filesystem::path& name, std::string_view text) const { folder_.write(name, text); }

    /// A Warboy with all that belongs to it. Its device files are links to `device`, a character device.
    void add_warboy(unsigned card, const std::filesystem::path& device = "/dev/null") const
    {
        set(card, "platform_type", "FuriosaAI\n");
        set(card, "device_type", "Warboy\n");
        set(card, "soc_rev", "B0\n");
        set(card, "busname", pci_address(card) + "\n");
        set(card, "dev", "510:0\n");
        set(card, "device_sn", fmt::format("WBYB0000{}\n", card));
        set(card, "device_uuid", fmt::format("5be0b2f6-0000-0000-0000-00000000000{}\n", card));
        set(card, "fw_version", "1.6.0, c1bebfd\n");
        set(card, "version", "1.4.0, 8f1bd2a\n");
        set(card, "alive", "1\n");
        write(pci_folder(card) + "/numa_node", "1\n");
        write(pci_folder(card) + "/hwmon/hwmon3/temp1_input", "43500\n");
        write(pci_folder(card) + "/hwmon/hwmon3/temp1_label", "AVG\n");
        write(pci_folder(card) + "/hwmon/hwmon3/temp2_input", "47250\n");
        write(pci_folder(card) + "/hwmon/hwmon3/power1_average", "12345000\n");
        write(pci_folder(card) + "/hwmon/hwmon3/power1_label", "Board\n");
        write(pci_folder(card) + "/hwmon/hwmon3/curr1_input", "1500\n");
        write(pci_folder(card) + "/hwmon/hwmon3/in0_input", "812\n");
        for (const auto* name : {"npu{}", "npu{}_mgmt", "npu{}pe0", "npu{}pe1", "npu{}pe0-1"})
            add_device_file(fmt::format(fmt::runtime(name), card), device);
    }

    void add_device_file(const std::string& name, const std::filesystem::path& device = "/dev/null") const
    {
        std::filesystem::create_directories(dev());
        std::filesystem::create_symlink(device, dev() / name);
    }

    /// What opening a device file of that name comes to.
    std::map<std::string, std::errc> failures;

private:
    TemporaryDirectory folder_;
};

} // namespace furiosa::test
