// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_HASHSET_HPP__
#define __STOUT_HASHSET_HPP__

#include <functional>
#include <unordered_set>

/// An unordered_set that can be asked.
template <
    typename T,
    typename Hash = std::hash<T>,
    typename Equal = std::equal_to<T>>
class hashset : public std::unordered_set<T, Hash, Equal>
{
  using Base = std::unordered_set<T, Hash, Equal>;

public:
  using Base::Base;
  hashset() = default;

  bool contains(const T& element) const { return this->count(element) != 0; }
};

#endif // __STOUT_HASHSET_HPP__
