package io.tsdash.redis;

import java.util.List;
import java.util.regex.Pattern;

/** The rule for what keys of a part begin with, so that parts and programs that share a Redis do not meet. */
final class RedisPrefix {
    private static final Pattern RULE = Pattern.compile("[a-zA-Z0-9._:/-]{1,64}");

    private RedisPrefix() {}

    static void check(String prefix, List<String> problems) {
        if (!RULE.matcher(prefix).matches()) {
            problems.add("prefix was '" + prefix + "' but it must be 1 to 64 of a-z A-Z 0-9 . _ : / -");
        }
    }
}
