package io.tsdash.clickhouse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The servers that statements about tables go to: one that passes them on, or each node of a cluster by itself.
 *
 * <p>Owns the connections. Thread-safe.
 */
final class Nodes implements AutoCloseable {
    private final ClickHouseOptions options;
    private final Connection server;
    private final Schema schema;
    private final Map<String, Connection> each = new LinkedHashMap<>();

    Nodes(ClickHouseOptions options, Connection server) {
        this.options = options;
        this.server = server;
        this.schema = new Schema(options);
        if (options.nodes().isEmpty()) {
            each.put(options.url(), server);
        } else {
            options.nodes().forEach(url -> each.put(url, new Connection(options.toNode(url))));
        }
    }

    /** Makes what is missing, on every node. */
    void migrate() {
        // Two rounds: a distributed table is looked into only when all nodes have what it stands on.
        Map<Connection, List<String>> statements = new LinkedHashMap<>();
        each.values().forEach(node -> statements.put(node, schema.missing(node)));
        statements.forEach((node, missing) -> missing.stream()
                .filter(statement -> !statement.equals(schema.recordVersion()))
                .forEach(statement -> node.execute(statement, "system")));
        if (statements.values().stream().anyMatch(missing -> !missing.isEmpty())) {
            server.execute(schema.recordVersion(), "system");
            each.values().forEach(schema::missing);
        }
    }

    /** Returns what is missing; where it goes to several nodes, each statement says to which. */
    List<String> plan() {
        List<String> plan = new ArrayList<>();
        each.forEach((url, node) -> schema.missing(node)
                .forEach(statement ->
                        plan.add(options.nodes().isEmpty() ? statement : "-- on " + url + "\n" + statement)));
        return plan;
    }

    /**
     * Removes rows of a table on every node.
     *
     * @param wholeMonthsBefore months that end before this, as {@code YYYYMM}, are dropped whole, which frees their space at
     *     once; 0 for none
     */
    void delete(String table, String condition, int wholeMonthsBefore) {
        String name = options.database() + "." + table + schema.suffix();
        for (Connection node : each.values()) {
            for (String month : months(node, table + schema.suffix(), wholeMonthsBefore)) {
                node.execute("ALTER TABLE " + name + schema.onCluster() + " DROP PARTITION ID " + Sql.text(month));
            }
        }
        String statement = "DELETE FROM " + options.database() + "." + table + schema.suffix() + schema.onCluster()
                + " WHERE " + condition;
        each.values().forEach(node -> node.execute(statement));
    }

    /** Sends what is queued for other nodes, and waits until it is there. */
    void flush() {
        for (String table : List.of(Tables.TRADES, Tables.BARS)) {
            server.execute("SYSTEM FLUSH DISTRIBUTED " + options.database() + "." + table);
        }
    }

    /** Returns what the parts of our tables take on disk, on all nodes; those that a merge has replaced do not count. */
    long storedBytes() {
        boolean through = options.clustered() && options.nodes().isEmpty();
        String parts =
                through ? "clusterAllReplicas(" + Sql.text(options.cluster()) + ", system.parts)" : "system.parts";
        String sql = "SELECT sum(bytes_on_disk) FROM " + parts + " WHERE active AND database = "
                + Sql.text(options.database());
        return each.values().stream()
                .mapToLong(node -> node.inSystem(sql, rows -> rows.next() ? rows.int64() : 0))
                .sum();
    }

    private List<String> months(Connection node, String table, int before) {
        return node.inSystem(
                "SELECT DISTINCT partition_id FROM system.parts WHERE active AND database = "
                        + Sql.text(options.database()) + " AND table = " + Sql.text(table)
                        + " AND toUInt32OrZero(partition_id) < " + before,
                rows -> {
                    List<String> months = new ArrayList<>();
                    while (rows.next()) {
                        months.add(rows.string());
                    }
                    return months;
                });
    }

    @Override
    public void close() {
        server.close();
        each.values().forEach(Connection::close);
    }
}
