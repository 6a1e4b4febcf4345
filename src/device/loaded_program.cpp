#include <furiosa/device/loaded_program.hpp>

#include <furiosa/device/device.hpp>

namespace furiosa::device {

std::vector<std::string> LoadedProgram::lost_members() const
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i != loaded_->executables.size(); ++i)
        if (loaded_->executables[i]->is_lost())
            names.push_back(loaded_->device->members()[i].name);
    return names;
}

void LoadedProgram::abandon() const noexcept
{
    for (const auto& executable : loaded_->executables)
        executable->abandon();
}

} // namespace furiosa::device
