// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_HASHMAP_HPP__
#define __STOUT_HASHMAP_HPP__

#include <functional>
#include <initializer_list>
#include <list>
#include <unordered_map>
#include <utility>

#include <stout/foreach.hpp>
#include <stout/hashset.hpp>
#include <stout/option.hpp>

/// An unordered_map that can be asked.
template <
    typename Key,
    typename Value,
    typename Hash = std::hash<Key>,
    typename Equal = std::equal_to<Key>>
class hashmap : public std::unordered_map<Key, Value, Hash, Equal>
{
  using Base = std::unordered_map<Key, Value, Hash, Equal>;

public:
  using Base::Base;
  hashmap() = default;

  bool contains(const Key& key) const { return this->count(key) != 0; }

  bool containsValue(const Value& wanted) const
  {
    for (const auto& entry : *this) {
      if (entry.second == wanted) {
        return true;
      }
    }
    return false;
  }

  Option<Value> get(const Key& key) const
  {
    auto found = this->find(key);
    return found == this->end() ? Option<Value>() : Option<Value>(found->second);
  }

  void put(const Key& key, Value value)
  {
    this->erase(key);
    this->emplace(key, std::move(value));
  }

  hashset<Key, Hash, Equal> keys() const
  {
    hashset<Key, Hash, Equal> result;
    for (const auto& entry : *this) {
      result.insert(entry.first);
    }
    return result;
  }

  std::list<Value> values() const
  {
    std::list<Value> result;
    for (const auto& entry : *this) {
      result.push_back(entry.second);
    }
    return result;
  }
};

#endif // __STOUT_HASHMAP_HPP__
