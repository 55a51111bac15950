package io.tsdash.timescale;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What asks the database how much of its disk is ours. */
final class Space {
    private Space() {}

    /** Returns the question for the bytes of all tables with their indexes; of hypertables and aggregates, of their chunks. */
    static String query(Server server, Tables tables) {
        String bars = size("pg_total_relation_size", tables.bars());
        if (server.kind() == Server.Kind.POSTGRESQL) {
            return "SELECT " + bars + " + " + size("pg_total_relation_size", tables.trades());
        }
        Stream<String> views = server.kind() == Server.Kind.TIMESCALEDB
                ? Ddl.PRECOMPUTED.stream().map(tables::view)
                : Stream.empty();
        return Stream.concat(Stream.of(tables.trades()), views)
                .map(chunked -> size(server.function("hypertable_size"), chunked))
                .collect(Collectors.joining(" + ", "SELECT " + bars + " + ", ""));
    }

    private static String size(String function, String table) {
        return function + "(" + Tables.literal(table) + "::regclass)";
    }
}
