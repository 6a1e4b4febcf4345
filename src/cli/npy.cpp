#include "cli/npy.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/core/shared_bytes.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

namespace furiosa::cli {

static_assert(std::endian::native == std::endian::little, "elements are taken as they lie in the file");

namespace {

constexpr std::string_view magic = "\x93NUMPY";
/// More than any array of numbers needs.
constexpr std::size_t largest_header = 65'536;

struct Header
{
    std::optional<std::string> descr;
    std::optional<bool> fortran_order;
    std::optional<std::vector<std::int64_t>> shape;
};

template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> what, Args&&... args)
{
    throw Error(errc::malformed_tensor, fmt::format("this is no .npy file that can be read: {}",
                                                    fmt::format(what, std::forward<Args>(args)...)));
}

/// Reads the literal of a Python dictionary, as far as .npy files have it.
class HeaderParser
{
public:
    explicit HeaderParser(std::string_view text) : text_(text), rest_(text) {}

    Header parse()
    {
        Header header;
        expect('{');
        while (!take('}')) {
            const auto key = string();
            expect(':');
            if (key == "descr" && !header.descr)
                header.descr = descr();
            else if (key == "fortran_order" && !header.fortran_order)
                header.fortran_order = boolean();
            else if (key == "shape" && !header.shape)
                header.shape = tuple();
            else
                fail("its header says '{}' twice, or should not say it", key.substr(0, 40));
            if (!take(',')) {
                expect('}');
                break;
            }
        }
        skip_space();
        if (!rest_.empty())
            stumble();
        return header;
    }

private:
    void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }

    bool take(char c)
    {
        skip_space();
        if (!rest_.starts_with(c))
            return false;
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char c)
    {
        if (!take(c))
            stumble();
    }

    [[noreturn]] void stumble() const
    {
        fail("its header makes no sense at character {}", text_.size() - rest_.size() + 1);
    }

    std::string string()
    {
        skip_space();
        if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"'))
            stumble();
        const auto end = rest_.find(rest_[0], 1);
        if (end == std::string_view::npos)
            stumble();
        std::string text(rest_.substr(1, end - 1));
        rest_.remove_prefix(end + 1);
        return text;
    }

    std::string descr()
    {
        skip_space();
        if (rest_.starts_with('['))
            throw_error(errc::not_supported, "the .npy file holds records of several fields, not numbers");
        return string();
    }

    bool boolean()
    {
        skip_space();
        for (const bool value : {true, false}) {
            const std::string_view word = value ? "True" : "False";
            if (rest_.starts_with(word)) {
                rest_.remove_prefix(word.size());
                return value;
            }
        }
        stumble();
    }

    std::int64_t number()
    {
        skip_space();
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc())
            stumble();
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        take('L'); // Python 2 wrote long integers so
        return value;
    }

    std::vector<std::int64_t> tuple()
    {
        std::vector<std::int64_t> extents;
        expect('(');
        while (!take(')')) {
            extents.push_back(number());
            if (!take(',')) {
                expect(')');
                break;
            }
        }
        return extents;
    }

    std::string_view text_;
    std::string_view rest_;
};

constexpr std::array<std::pair<std::string_view, DataType>, 7> types{{{"f4", DataType::float32},
                                                                      {"f2", DataType::float16},
                                                                      {"u1", DataType::uint8},
                                                                      {"i1", DataType::int8},
                                                                      {"i4", DataType::int32},
                                                                      {"i8", DataType::int64},
                                                                      {"b1", DataType::boolean}}};

DataType data_type_of_descr(std::string_view descr)
{
    if (descr.empty() || std::string_view("<>|=").find(descr[0]) == std::string_view::npos)
        fail("its header says the type '{}'", descr.substr(0, 40));
    const auto found = std::ranges::find(types, descr.substr(1), &decltype(types)::value_type::first);
    if (found == types.end())
        throw_error(errc::not_supported,
                    "elements of type '{}' are not taken: use float32, float16, uint8, int8, int32, int64 or bool, as "
                    "with array.astype('float32')",
                    descr.substr(0, 40));
    if (descr[0] == '>' && size_of(found->second) != 1)
        throw_error(errc::not_supported, "big-endian elements ('{}') are not taken: use array.astype('<{}')", descr,
                    descr.substr(1));
    return found->second;
}

std::uint32_t little_endian(std::span<const std::byte> bytes)
{
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i-- != 0;)
        value = value << 8 | static_cast<std::uint32_t>(bytes[i]);
    return value;
}

/// The header's text, and the elements behind it.
std::pair<std::string_view, std::span<const std::byte>> split(std::span<const std::byte> file)
{
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    if (!text.starts_with(magic) || file.size() < magic.size() + 2)
        fail("it does not begin as one");
    const auto version = static_cast<unsigned>(file[magic.size()]);
    if (version < 1 || version > 3)
        fail("its version is {}; 1 to 3 are known", version);
    const std::size_t length_size = version == 1 ? 2 : 4;
    const std::size_t start = magic.size() + 2 + length_size;
    if (file.size() < start)
        fail("it ends within its header");
    const std::size_t length = little_endian(file.subspan(magic.size() + 2, length_size));
    if (length > file.size() - start)
        fail("it ends within its header");
    if (length > largest_header)
        fail("its header would have {} bytes", length);
    return {text.substr(start, length), file.subspan(start + length)};
}

Shape shape_of(const std::vector<std::int64_t>& extents)
{
    try {
        return Shape(std::span(extents));
    } catch (const Error& error) {
        fail("{}", error.what());
    }
}

/// The first index varies fastest in the source, the last one in the destination.
void copy_from_fortran(std::span<const std::byte> from, Tensor& to)
{
    const auto& shape = to.shape();
    const auto size = size_of(to.data_type());
    std::array<std::int64_t, Shape::max_rank> index{};
    for (std::size_t source = 0; source != from.size(); source += size) {
        std::int64_t destination = 0;
        for (std::size_t axis = 0; axis != shape.rank(); ++axis)
            destination = destination * shape[axis] + index[axis];
        std::memcpy(to.data() + static_cast<std::size_t>(destination) * size, from.data() + source, size);
        for (std::size_t axis = 0; axis != shape.rank() && ++index[axis] == shape[axis]; ++axis)
            index[axis] = 0;
    }
}

} // namespace

Tensor parse_npy(std::span<const std::byte> file)
{
    const auto [text, elements] = split(file);
    const auto header = HeaderParser(text).parse();
    if (!header.descr || !header.fortran_order || !header.shape)
        fail("its header does not say descr, fortran_order and shape");
    const auto type = data_type_of_descr(*header.descr);
    const auto shape = shape_of(*header.shape);
    const auto count = static_cast<std::uint64_t>(shape.element_count());
    if (elements.size() % size_of(type) != 0 || elements.size() / size_of(type) != count)
        fail("{} elements of {} are announced, and {} bytes are there", count, to_string(type), elements.size());
    Tensor tensor(type, shape);
    if (*header.fortran_order && shape.rank() > 1)
        copy_from_fortran(elements, tensor);
    else if (!elements.empty())
        std::memcpy(tensor.data(), elements.data(), elements.size());
    if (type == DataType::boolean) // any other byte is no bool in C++
        for (auto& byte : tensor.view().bytes())
            byte = std::byte{byte != std::byte{0}};
    return tensor;
}

Tensor read_npy(const std::filesystem::path& file)
{
    try {
        return parse_npy(SharedBytes::map(file));
    } catch (const Error& error) {
        throw std::string_view(error.what()).find(file.native()) == std::string_view::npos ? error.within(file.native())
                                                                                           : error;
    }
}

std::string to_npy(const ConstTensorView& tensor)
{
    const auto type = std::ranges::find(types, tensor.data_type(), &decltype(types)::value_type::second);
    if (type == types.end())
        throw_error(errc::not_supported, ".npy files have no {}", to_string(tensor.data_type()));
    std::string shape;
    for (const auto extent : tensor.shape())
        shape += fmt::format("{}{}", extent, tensor.shape().rank() == 1 ? "," : ", ");
    if (tensor.shape().rank() > 1)
        shape.resize(shape.size() - 2);
    auto header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}",
                              size_of(tensor.data_type()) == 1 ? '|' : '<', type->first, shape);
    constexpr std::size_t alignment = 64;
    const std::size_t before = magic.size() + 4;
    header.append((alignment - (before + header.size() + 1) % alignment) % alignment, ' ');
    header += '\n';
    std::string file(magic);
    file += {'\x01', '\x00', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
    file += header;
    file.append(reinterpret_cast<const char*>(tensor.data()), tensor.size_in_bytes());
    return file;
}

} // namespace furiosa::cli
