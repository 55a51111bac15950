/** What several servers share on Redis: caches, token buckets, and the channels themselves. */
@org.jspecify.annotations.NullMarked
package io.tsdash.redis;
