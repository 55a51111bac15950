package io.tsdash.redis;

import io.tsdash.error.PermanentException;
import java.util.HashMap;
import java.util.Map;

/** Holds what a server says of itself (INFO) to what we need: its version, its form, and that it takes writes. */
final class ServerCheck {
    private static final int MAJOR_MIN = 6;

    private ServerCheck() {}

    /** @throws PermanentException if the server is not one to work with */
    static void check(String info, RedisAddress address) {
        Map<String, String> said = new HashMap<>();
        info.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                said.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        });
        String version = said.getOrDefault("redis_version", "");
        if (!version.matches("\\d{1,4}\\..*")
                || Integer.parseInt(version.substring(0, version.indexOf('.'))) < MAJOR_MIN) {
            throw new PermanentException("the server at " + address + " is Redis '" + version + "' but it must be "
                    + MAJOR_MIN + ".0 or newer");
        }
        boolean cluster = said.getOrDefault("redis_mode", "").equals("cluster");
        if (cluster != (address.form() == RedisAddress.Form.CLUSTER)) {
            throw new PermanentException("the server at " + address + " is " + (cluster ? "" : "not ")
                    + "a node of a cluster: use " + (cluster ? "redis-cluster://" : "redis://"));
        }
        if (!cluster && said.getOrDefault("role", "").equals("slave")) {
            throw new PermanentException("the server at " + address
                    + " is a replica, which takes no writes: give the address of its master, or use redis-sentinel://");
        }
    }
}
