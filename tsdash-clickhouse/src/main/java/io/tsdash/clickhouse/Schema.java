package io.tsdash.clickhouse;

import io.tsdash.error.PermanentException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings the tables of one database to this version, and refuses those it does not know.
 *
 * <p>Every statement may run twice and at the same time elsewhere: several nodes may open at once.
 */
final class Schema {
    static final int VERSION = 1;

    private static final String DISTRIBUTED = "Distributed";

    private final ClickHouseOptions options;

    Schema(ClickHouseOptions options) {
        this.options = options;
    }

    /**
     * Returns what is missing on this server, as statements.
     *
     * @throws PermanentException if what is there is of a newer version or of another shape
     */
    List<String> missing(Connection server) {
        Map<String, Found> found = found(server);
        checkVersion(server, found);
        List<String> statements = new ArrayList<>();
        if (!databaseExists(server)) {
            statements.add("CREATE DATABASE IF NOT EXISTS " + options.database() + onCluster());
        }
        for (Table table : Tables.all(options)) {
            create(table, found, statements);
        }
        for (Level level : Level.CHAIN) {
            if (!found.containsKey(Tables.viewInto(level))) {
                statements.add(
                        "CREATE MATERIALIZED VIEW IF NOT EXISTS " + qualified(Tables.viewInto(level)) + onCluster()
                                + " TO " + qualified(level.table() + suffix()) + " AS "
                                + Tables.feed(level, options.database() + ".", suffix()));
            }
        }
        if (!isReadOnly(server)) {
            Tables.all(options).forEach(table -> changeAge(table, found, statements));
        }
        if (!found.containsKey(Tables.SCHEMA) || version(server) < VERSION) {
            statements.add(recordVersion());
        }
        return statements;
    }

    /** Returns the statement that writes this version down. */
    String recordVersion() {
        return "INSERT INTO " + qualified(Tables.SCHEMA) + " (version) VALUES (" + VERSION + ")";
    }

    /** Returns what the local tables of a cluster are called after; nothing where there is no cluster. */
    String suffix() {
        return options.clustered() ? "_local" : "";
    }

    /** Returns the words that make a statement hold for all nodes; nothing where it is sent to each of them. */
    String onCluster() {
        return options.clustered() && options.nodes().isEmpty() ? " ON CLUSTER '" + options.cluster() + "'" : "";
    }

    private record Found(
            String engine, String partitionKey, String sortingKey, String ttl, Map<String, String> columns) {}

    private void create(Table table, Map<String, Found> found, List<String> statements) {
        String local = table.name() + suffix();
        String engine = options.replicated()
                ? "Replicated"
                        + table.engine()
                                .replace(
                                        table.engineName() + (table.engine().contains("(") ? "(" : ""),
                                        table.engineName() + "('/clickhouse/tables/{shard}/" + options.database() + "/"
                                                + table.name() + "', '{replica}'"
                                                + (table.engine().contains("(") ? ", " : ")"))
                : table.engine();
        Found there = found.get(local);
        if (there == null) {
            statements.add("CREATE TABLE IF NOT EXISTS " + qualified(local) + onCluster() + " " + table.columnsSql()
                    + " ENGINE = " + engine + " " + table.layout());
        } else {
            checkShape(table, local, there, table.engineName());
        }
        if (!options.clustered()) {
            return;
        }
        Found distributed = found.get(table.name());
        if (distributed == null) {
            statements.add("CREATE TABLE IF NOT EXISTS " + qualified(table.name()) + onCluster() + " AS "
                    + qualified(local) + " ENGINE = Distributed('" + options.cluster() + "', " + options.database()
                    + ", "
                    + local + ", " + Tables.shardedBy(table) + ")");
        } else {
            checkShape(table, table.name(), distributed, DISTRIBUTED);
        }
    }

    private void checkShape(Table table, String name, Found found, String engine) {
        List<String> problems = new ArrayList<>();
        if (!found.engine().endsWith(engine)) {
            problems.add("its engine is " + found.engine() + " and should be " + engine);
        }
        if (!engine.equals(DISTRIBUTED)) {
            checkKey("partition key", found.partitionKey(), table.partitionKey(), problems);
            checkKey("sorting key", found.sortingKey(), table.sortingKey(), problems);
            if (table.age().isPresent() && !table.age().get().isLike(found.ttl())) {
                problems.add("its TTL is " + found.ttl() + " and should be none, or one that tsdash sets: REMOVE TTL");
            }
        }
        for (Table.Column column : table.columns()) {
            String type = found.columns().get(column.name());
            if (!column.type().equals(type)) {
                problems.add("column " + column.name() + " is " + (type == null ? "missing" : "of type " + type)
                        + " and should be of type " + column.type());
            }
        }
        if (!problems.isEmpty()) {
            throw new PermanentException("store '" + options + "' has a table " + name + " of another shape: "
                    + String.join("; ", problems) + ". Use a database of its own for tsdash");
        }
    }

    private static void checkKey(String what, String found, String wanted, List<String> problems) {
        if (!found.equals(wanted)) {
            problems.add("its " + what + " is '" + found + "' and should be '" + wanted + "'");
        }
    }

    /**
     * Sets the age at which rows of a table that is there are dropped to that of the options.
     *
     * <p>Where it rises, it is written down first what the lower one may have dropped; the server drops in the background.
     */
    private void changeAge(Table table, Map<String, Found> found, List<String> statements) {
        Found there = found.get(table.name() + suffix());
        String wanted = table.age().map(Ttl::sql).orElse("");
        if (table.age().isEmpty() || there == null || wanted.equals(there.ttl())) {
            return;
        }
        Duration dropped = Ttl.ageOf(there.ttl());
        Duration kept = table.age().get().age();
        if (!dropped.isZero() && (kept.isZero() || kept.compareTo(dropped) > 0)) {
            statements.add("INSERT INTO " + qualified(Tables.RETENTION) + " (kept, since, generation) SELECT "
                    + Sql.text(table.name()) + ", now64(9, 'UTC') - toIntervalSecond(" + dropped.toSeconds() + "), "
                    + Generations.NOW);
        }
        statements.add("ALTER TABLE " + qualified(table.name() + suffix()) + onCluster()
                + (wanted.isEmpty() ? " REMOVE TTL" : " MODIFY TTL " + wanted + " SETTINGS mutations_sync = 0"));
    }

    /** Who may only read leaves the ages as they are. */
    private static boolean isReadOnly(Connection server) {
        return server.inSystem("SELECT toInt64(getSetting('readonly'))", rows -> rows.next() && rows.int64() != 0);
    }

    private void checkVersion(Connection server, Map<String, Found> found) {
        if (!found.containsKey(Tables.SCHEMA)) {
            return;
        }
        Tables.all(options).stream()
                .filter(table -> table.name().equals(Tables.SCHEMA))
                .forEach(table -> create(table, found, new ArrayList<>()));
        long version = version(server);
        if (version > VERSION) {
            throw new PermanentException("store '" + options + "' has schema version " + version
                    + " but this tsdash knows versions up to " + VERSION
                    + ": use the newer tsdash that wrote it, or another database");
        }
    }

    private long version(Connection server) {
        return server.query(
                "SELECT toInt64(max(version)) FROM " + qualified(Tables.SCHEMA),
                Map.of(),
                rows -> rows.next() ? rows.int64() : 0);
    }

    private boolean databaseExists(Connection server) {
        return server.inSystem(
                "SELECT name FROM system.databases WHERE name = " + Sql.text(options.database()), rows -> rows.next());
    }

    /** Tables before columns: of one that another node makes meanwhile there would be the table, and not its columns. */
    private Map<String, Found> found(Connection server) {
        String ours = " WHERE database = " + Sql.text(options.database());
        Map<String, Found> tables = new HashMap<>();
        server.inSystem(
                "SELECT name, engine, partition_key, sorting_key, engine_full FROM system.tables" + ours, rows -> {
                    while (rows.next()) {
                        tables.put(
                                rows.string(),
                                new Found(
                                        rows.string(),
                                        rows.string(),
                                        rows.string(),
                                        Ttl.textIn(rows.string()),
                                        new LinkedHashMap<>()));
                    }
                    return tables;
                });
        server.inSystem("SELECT table, name, type FROM system.columns" + ours, rows -> {
            while (rows.next()) {
                Found table = tables.get(rows.string());
                String name = rows.string();
                String type = rows.string();
                if (table != null) {
                    table.columns().put(name, type);
                }
            }
            return tables;
        });
        return tables;
    }

    private String qualified(String table) {
        return options.database() + "." + table;
    }
}
