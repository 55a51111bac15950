/** How the reference server writes its log: for people, or as ECS JSON. */
@org.jspecify.annotations.NullMarked
package io.tsdash.examples.logs;
