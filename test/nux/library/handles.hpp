#pragma once

#include "nux/library/code.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace furiosa::test::nux {

/// How often something was handed in that is no handle.
inline std::atomic<std::size_t> misuses = 0;

/// The objects of one type that are known outside, by their addresses. A handle is looked up before it is used, so that
/// a wrong one is told from a right one; who found an object keeps it alive.
template <class T>
class Handles
{
public:
    static void* add(std::shared_ptr<T> object)
    {
        auto* const handle = const_cast<void*>(static_cast<const void*>(object.get()));
        std::lock_guard lock(table().mutex);
        table().objects.emplace(handle, std::move(object));
        return handle;
    }

    /// Null if there is none.
    static std::shared_ptr<T> find(const void* handle)
    {
        std::lock_guard lock(table().mutex);
        const auto found = table().objects.find(handle);
        if (found != table().objects.end())
            return found->second;
        misuses += handle != nullptr;
        return nullptr;
    }

    /// From now on it is known no more. Null if there is none.
    static std::shared_ptr<T> take(const void* handle)
    {
        std::lock_guard lock(table().mutex);
        if (auto node = table().objects.extract(handle))
            return std::move(node.mapped());
        misuses += handle != nullptr;
        return nullptr;
    }

    static std::shared_ptr<T> require(const void* handle, Code unknown = null_pointer)
    {
        return required(handle, find(handle), unknown);
    }
    static std::shared_ptr<T> require_to_take(const void* handle, Code unknown = null_pointer)
    {
        return required(handle, take(handle), unknown);
    }

    static std::vector<std::shared_ptr<T>> all()
    {
        std::lock_guard lock(table().mutex);
        std::vector<std::shared_ptr<T>> objects;
        for (const auto& [handle, object] : table().objects)
            objects.push_back(object);
        return objects;
    }

private:
    struct Table
    {
        std::mutex mutex;
        std::unordered_map<const void*, std::shared_ptr<T>> objects;
    };

    /// Never destroyed: sessions that somebody forgot have threads, which must not be waited for when the process ends.
    static Table& table()
    {
        static Table& table = *new Table;
        return table;
    }

    static std::shared_ptr<T> required(const void* handle, std::shared_ptr<T> object, Code unknown)
    {
        if (!object)
            throw Failure{handle ? unknown : null_pointer};
        return object;
    }
};

} // namespace furiosa::test::nux
