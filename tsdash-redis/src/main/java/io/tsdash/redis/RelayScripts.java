package io.tsdash.redis;

/**
 * What {@link RedisRelayLog} has Redis do in one step. Keys and values stand at the top of each. All that write look at the lease
 * first: that check and the write are one.
 */
final class RelayScripts {
    /** The id of a server's data: another one after a restart and after a failover, with which writes can be lost. */
    private static final String LIFE =
            "local life = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')\n";

    /** Lease, term, whole; token, milliseconds. Gives the term, 0 if another has it, and whether nothing was lost. */
    static final String ACQUIRE = LIFE + """
            local unbroken = redis.call('HGET', KEYS[3], 'life') == life and 1 or 0
            local holder = redis.call('GET', KEYS[1])
            if holder == ARGV[1] then
              redis.call('PEXPIRE', KEYS[1], ARGV[2])
              return {tonumber(redis.call('GET', KEYS[2])), unbroken}
            elseif holder then
              return {0, 0}
            end
            redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
            return {redis.call('INCR', KEYS[2]), unbroken}
            """;

    /** Lease; token, milliseconds. */
    static final String RENEW = """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            return redis.call('PEXPIRE', KEYS[1], ARGV[2])
            """;

    /** Lease; token. */
    static final String RELEASE = """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            return redis.call('DEL', KEYS[1])
            """;

    /** Lease, end, log; token, end as the writer knows it, index, entries kept, entry. Gives 1 when it is there. */
    static final String APPEND = """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            local at = redis.call('GET', KEYS[2]) or '0'
            if at == ARGV[3] then return 1 end
            if at ~= ARGV[2] then return 2 end
            redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], ARGV[3] .. '-0', 'e', ARGV[5])
            redis.call('SET', KEYS[2], ARGV[3])
            return 1
            """;

    /** Lease, whole; token, index, snapshot. */
    static final String KEEP = LIFE + """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            redis.call('HSET', KEYS[2], 'index', ARGV[2], 'bytes', ARGV[3], 'life', life)
            return 1
            """;

    private RelayScripts() {}
}
