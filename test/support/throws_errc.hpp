#pragma once

#include <furiosa/core/error.hpp>

#include <catch2/catch.hpp>

/// Checks that an expression throws a furiosa::Error of the given code, whose sentence says `part`.
#define CHECK_THROWS_ERRC_SAYING(expression, expected, part)                                                     \
    do {                                                                                                         \
        try {                                                                                                    \
            static_cast<void>(expression);                                                                       \
            FAIL_CHECK("nothing was thrown by " #expression);                                                    \
        } catch (const ::furiosa::Error& error) {                                                                \
            INFO(error.what());                                                                                  \
            CHECK(error.code() == (expected));                                                                   \
            CHECK_FALSE(std::string(error.what()).empty());                                                      \
            CHECK_THAT(error.what(), Catch::Contains(part));                                                     \
        }                                                                                                        \
    } while (false)

#define CHECK_THROWS_ERRC(expression, expected) CHECK_THROWS_ERRC_SAYING(expression, expected, "")
