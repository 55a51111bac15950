/** What operators copy, rules, routes and dashboards, held to the real tools and to a real server. */
@org.jspecify.annotations.NullMarked
package io.tsdash.examples.monitoring;
