#include "cli/npy.hpp"

#include "support/temporary_directory.hpp"
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <cstring>

using namespace furiosa;
using cli::parse_npy;
using cli::to_npy;

namespace {

/// A file of version 1.0 with that header, and these elements.
std::string npy(const std::string& header, std::string_view elements, char version = 1)
{
    std::string file = "\x93NUMPY";
    file += {version, '\0'};
    file += {static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
    if (version != 1)
        file += {'\0', '\0'};
    return file + header + std::string(elements);
}

std::string header(const std::string& descr, const std::string& shape, const char* fortran = "False")
{
    return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

template <class T>
std::string bytes_of(std::initializer_list<T> elements)
{
    return {reinterpret_cast<const char*>(elements.begin()), elements.size() * sizeof(T)};
}

Tensor parse(const std::string& file)
{
    return parse_npy(std::as_bytes(std::span(file)));
}

template <class T>
std::vector<T> elements_of(const Tensor& tensor)
{
    const auto elements = tensor.as<T>();
    return {elements.begin(), elements.end()};
}

const std::string two_floats = bytes_of<float>({1, 2});

} // namespace

TEST_CASE("arrays of each type are read")
{
    CHECK(elements_of<float>(parse(npy(header("<f4", "(2,)"), two_floats))) == std::vector<float>{1, 2});
    CHECK(elements_of<std::uint8_t>(parse(npy(header("|u1", "(2,)"), "\x01\xff"))) == std::vector<std::uint8_t>{1, 255});
    CHECK(elements_of<std::int8_t>(parse(npy(header("|i1", "(2,)"), "\x01\xff"))) == std::vector<std::int8_t>{1, -1});
    CHECK(elements_of<std::int32_t>(parse(npy(header("<i4", "(1, 1)"), bytes_of<std::int32_t>({-7})))) ==
          std::vector<std::int32_t>{-7});
    CHECK(elements_of<std::int64_t>(parse(npy(header("<i8", "(1,)"), bytes_of<std::int64_t>({1LL << 40})))) ==
          std::vector<std::int64_t>{1LL << 40});
    CHECK(parse(npy(header("<f2", "(2, 1)"), std::string("\x00\x3c\x00\x40", 4))).data_type() == DataType::float16);
    CHECK(elements_of<bool>(parse(npy(header("|b1", "(3,)"), std::string("\x00\x01\x07", 3)))) ==
          std::vector<bool>{false, true, true});
    CHECK(elements_of<std::uint8_t>(parse(npy(header(">u1", "(1,)"), "\x05"))) == std::vector<std::uint8_t>{5});
}

TEST_CASE("scalars, empty arrays, all versions and other spellings of the header are read")
{
    CHECK(parse(npy(header("<f4", "()"), bytes_of<float>({3}))).shape() == Shape{});
    CHECK(parse(npy(header("<f4", "(0, 3)"), "")).shape() == Shape{0, 3});
    CHECK(parse(npy(header("<f4", "(0, 3)", "True"), "")).shape() == Shape{0, 3});
    CHECK(parse(npy(header("<f4", "(2,)"), two_floats, 2)).shape() == Shape{2});
    CHECK(parse(npy(header("<f4", "(2,)"), two_floats, 3)).shape() == Shape{2});
    CHECK(parse(npy(R"({"shape":(2L,),"fortran_order":True,"descr":"=f4"})", two_floats)).shape() == Shape{2});
}

TEST_CASE("Fortran's order is brought into C's")
{
    // [[1, 2, 3], [4, 5, 6]], column after column
    const auto columns = bytes_of<std::int32_t>({1, 4, 2, 5, 3, 6});
    const auto tensor = parse(npy(header("<i4", "(2, 3)", "True"), columns));
    CHECK(tensor.shape() == Shape{2, 3});
    CHECK(elements_of<std::int32_t>(tensor) == std::vector<std::int32_t>{1, 2, 3, 4, 5, 6});

    const auto cube = parse(npy(header("|u1", "(2, 2, 2)", "True"), std::string("\0\1\2\3\4\5\6\7", 8)));
    CHECK(elements_of<std::uint8_t>(cube) == std::vector<std::uint8_t>{0, 4, 2, 6, 1, 5, 3, 7});
}

TEST_CASE("hostile files end in an error")
{
    const auto good = npy(header("<f4", "(2,)"), two_floats);
    for (std::size_t size = 0; size != good.size(); ++size)
        CHECK_THROWS_ERRC(parse(good.substr(0, size)), errc::malformed_tensor);
    CHECK_THROWS_ERRC(parse(good + "x"), errc::malformed_tensor);
    CHECK_THROWS_ERRC(parse(npy(header("<f4", "(2,)"), two_floats, 4)), errc::malformed_tensor);
    CHECK_THROWS_ERRC(parse(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12) + "{}"), errc::malformed_tensor);
    CHECK_THROWS_ERRC(parse(npy(std::string(65'000, ' '), "")), errc::malformed_tensor);
    for (const auto* shape : {"(-1,)", "(9223372036854775807, 9223372036854775807)", "(4611686018427387904,)",
                              "(99999999999999999999,)", "(1, 1, 1, 1, 1, 1, 1, 1, 2)", "(2", "2", "(2.0,)", "(a,)", "(,)"})
        CHECK_THROWS_ERRC(parse(npy(header("<f4", shape), two_floats)), errc::malformed_tensor);
    for (const auto* text : {"", "{}", "{", "[]", "{'descr': '<f4'}", "{'descr': '<f4', 'descr': '<f4'}", "{'other': 1}",
                             "{'descr': '<f4', 'fortran_order': None, 'shape': (2,)}", "{'descr': '<f4",
                             "{'descr': 'f4', 'fortran_order': False, 'shape': (2,)}",
                             "{'descr': '', 'fortran_order': False, 'shape': (2,)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} + 1"})
        CHECK_THROWS_ERRC(parse(npy(text, two_floats)), errc::malformed_tensor);
}

TEST_CASE("types that models do not take are refused, and the sentence says how to convert")
{
    for (const auto* descr : {"<f8", "<c8", "<u4", "<U5", "|O", "<M8[us]"}) {
        CHECK_THROWS_ERRC(parse(npy(header(descr, "(2,)"), two_floats)), errc::not_supported);
        CHECK_THROWS_WITH(parse(npy(header(descr, "(2,)"), two_floats)), Catch::Contains("astype('float32')"));
    }
    CHECK_THROWS_WITH(parse(npy(header(">f4", "(2,)"), two_floats)), Catch::Contains("astype('<f4')"));
    CHECK_THROWS_ERRC(parse(npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,), }", two_floats)),
                      errc::not_supported);
    CHECK_THROWS_ERRC(to_npy(Tensor(DataType::bfloat16, {1})), errc::not_supported);
}

TEST_CASE("what is written is what numpy writes, and is read again")
{
    Tensor matrix(DataType::float32, {1, 2});
    std::memcpy(matrix.data(), two_floats.data(), two_floats.size());
    const auto file = to_npy(matrix);
    const std::string expected_header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
    CHECK(file.substr(0, 10) == std::string("\x93NUMPY\x01\x00\x76\x00", 10));
    CHECK(file.substr(10, expected_header.size()) == expected_header);
    CHECK(file.substr(10 + expected_header.size(), 118 - expected_header.size()) ==
          std::string(117 - expected_header.size(), ' ') + "\n");
    CHECK(file.substr(128) == two_floats);

    for (const auto type : {DataType::float32, DataType::float16, DataType::uint8, DataType::int8, DataType::int32,
                            DataType::int64, DataType::boolean})
        for (const auto& shape : {Shape{}, Shape{3}, Shape{0}, Shape{2, 3, 1, 1, 1, 1, 1, 2}}) {
            Tensor tensor(type, shape);
            for (auto& byte : tensor.view().bytes())
                byte = std::byte{1};
            const auto again = parse(to_npy(tensor));
            CHECK((again.data_type() == type && again.shape() == shape));
            CHECK(std::ranges::equal(again.view().bytes(), tensor.view().bytes()));
        }
}

TEST_CASE("files are named in errors")
{
    test::TemporaryDirectory folder;
    CHECK_THROWS_WITH(cli::read_npy(folder.write("text.npy", "hello")), Catch::Contains("text.npy"));
    CHECK_THROWS_ERRC(cli::read_npy(folder.path() / "missing.npy"), errc::file_not_found);
}
