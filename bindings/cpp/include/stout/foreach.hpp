// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_FOREACH_HPP__
#define __STOUT_FOREACH_HPP__

#ifndef foreach
#define foreach(VAR, RANGE) for (VAR : RANGE)
#endif

// Two variables need two loops: `_left` says that `break` has left the inner one, and `_ran` ends
// the other after one round.
#define foreachpair(KEY, VALUE, MAP)                                          \
  if (bool _left = false) {                                                   \
  } else                                                                      \
    for (auto&& _entry : MAP)                                                 \
      if (_left) {                                                            \
        break;                                                                \
      } else if (bool _ran = !(_left = true)) {                               \
      } else                                                                  \
        for (KEY = _entry.first; !_ran; _ran = true)                          \
          for (VALUE = _entry.second; _left && !_ran; _left = false)

#define foreachkey(KEY, MAP)                                                  \
  foreachpair (KEY, const auto& _ignored __attribute__((unused)), MAP)

#define foreachvalue(VALUE, MAP)                                              \
  foreachpair (const auto& _ignored __attribute__((unused)), VALUE, MAP)

#endif // __STOUT_FOREACH_HPP__
