// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_LAMBDA_HPP__
#define __STOUT_LAMBDA_HPP__

#include <functional>

namespace lambda {

using std::bind;
using std::cref;
using std::function;
using std::ref;

using namespace std::placeholders;

} // namespace lambda {

#endif // __STOUT_LAMBDA_HPP__
