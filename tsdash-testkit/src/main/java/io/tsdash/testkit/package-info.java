/** Contract kits, clocks that tests drive, seeded data and naive oracles, for all who build on tsdash. */
@org.jspecify.annotations.NullMarked
package io.tsdash.testkit;
