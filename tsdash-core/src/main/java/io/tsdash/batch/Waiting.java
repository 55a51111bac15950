package io.tsdash.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** The items of a lane, in their order. One thread at a time. */
interface Waiting<T> {

    /** Returns whether this item would take the place of another. */
    boolean replaces(T item);

    /** Adds an item; returns whether it took the place of another. */
    boolean add(T item);

    /** Takes off the first one; there must be one. */
    T remove();

    int size();

    /** Returns a queue that keeps each item. */
    static <T> Waiting<T> all() {
        Deque<T> items = new ArrayDeque<>();
        return new Waiting<>() {
            @Override
            public boolean replaces(T item) {
                return false;
            }

            @Override
            public boolean add(T item) {
                items.add(item);
                return false;
            }

            @Override
            public T remove() {
                return items.remove();
            }

            @Override
            public int size() {
                return items.size();
            }
        };
    }

    /** Returns a queue that keeps the newest item of each key, at the place of the first. */
    static <T> Waiting<T> newest(Function<? super T, ?> key) {
        Map<Object, T> items = new LinkedHashMap<>();
        return new Waiting<>() {
            @Override
            public boolean replaces(T item) {
                return items.containsKey(key.apply(item));
            }

            @Override
            public boolean add(T item) {
                return items.put(key.apply(item), item) != null;
            }

            @Override
            public T remove() {
                Iterator<T> all = items.values().iterator();
                T item = all.next();
                all.remove();
                return item;
            }

            @Override
            public int size() {
                return items.size();
            }
        };
    }
}
