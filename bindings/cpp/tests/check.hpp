// SPDX-License-Identifier: Apache-2.0

#ifndef CHECK_HPP
#define CHECK_HPP

#include <cstdlib>
#include <iostream>

/// Ends the test unless two are equal.
#define EXPECT_EQ(expected, actual)                                           \
  do {                                                                        \
    if (!((expected) == (actual))) {                                          \
      std::cerr << __FILE__ << ':' << __LINE__ << ": " #actual " is "         \
                << (actual) << "; expected " << (expected) << std::endl;      \
      std::exit(1);                                                           \
    }                                                                         \
  } while (false)

#define EXPECT(condition)                                                     \
  do {                                                                        \
    if (!(condition)) {                                                       \
      std::cerr << __FILE__ << ':' << __LINE__ << ": not " #condition         \
                << std::endl;                                                 \
      std::exit(1);                                                           \
    }                                                                         \
  } while (false)

#endif // CHECK_HPP
