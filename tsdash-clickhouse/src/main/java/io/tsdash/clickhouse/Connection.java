package io.tsdash.clickhouse;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ClientFaultCause;
import com.clickhouse.client.api.command.CommandSettings;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.client.api.query.QueryResponse;
import com.clickhouse.client.api.query.QuerySettings;
import com.clickhouse.data.ClickHouseFormat;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TsdashException;
import io.tsdash.store.PoolUse;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Statements to one server, each in the thread of its caller; failures come out as ours.
 *
 * <p>Nothing is tried again here. Thread-safe.
 */
final class Connection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final int CONNECTIONS_MAX = 64;
    private static final int KEEP_ALIVE_SECONDS = 5;
    /** Lists of a few thousand trades or windows stand in the text of a query. */
    private static final String QUERY_BYTES_MAX = Integer.toString(16 * 1024 * 1024);
    /** The server holds an answer back until it is whole, so that none is cut short by an error in the middle. */
    private static final String ANSWER_BYTES_HELD = Integer.toString(16 * 1024 * 1024);

    /** Reads an answer. */
    @FunctionalInterface
    interface Answer<T> {
        T read(Rows rows) throws IOException;
    }

    /** Writes the rows of an insert. */
    @FunctionalInterface
    interface Content {
        void write(RowBinary rows) throws IOException;
    }

    private final ClickHouseOptions options;
    private final Client client;
    /** Each has a connection of the client, or waits for one. */
    private final AtomicInteger underWay = new AtomicInteger();

    private volatile boolean answered;

    Connection(ClickHouseOptions options) {
        this.options = options;
        long requestMillis = options.requestTimeout().toMillis();
        this.client = new Client.Builder()
                .addEndpoint(options.url())
                .setUsername(options.user())
                .setPassword(options.password())
                .setDefaultDatabase(options.database())
                .setClientName("tsdash")
                .setConnectTimeout(options.connectTimeout().toMillis())
                .setConnectionRequestTimeout(requestMillis, ChronoUnit.MILLIS)
                .setSocketTimeout(requestMillis)
                .setExecutionTimeout(requestMillis, ChronoUnit.MILLIS)
                .setMaxConnections(CONNECTIONS_MAX)
                // Less than the server's 10 s: else a write after a pause may meet a connection that it has just
                // closed.
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS, ChronoUnit.SECONDS)
                .setMaxRetries(0)
                .retryOnFailures(ClientFaultCause.None)
                .compressServerResponse(options.compressed())
                .compressClientRequest(options.compressed())
                // The server asks for its time zone otherwise, and so fails where ours would do.
                .useServerTimeZone(false)
                .useTimeZone("UTC")
                .serverSetting("async_insert", "0")
                // Repeats are told by us, exactly; the server would also drop what only looks the same.
                .serverSetting("insert_deduplicate", "0")
                .serverSetting("max_partitions_per_insert_block", "0")
                .serverSetting("distributed_foreground_insert", options.queuedInserts() ? "0" : "1")
                .serverSetting("optimize_skip_unused_shards", "1")
                .serverSetting("do_not_merge_across_partitions_select_final", "1")
                .serverSetting("max_query_size", QUERY_BYTES_MAX)
                .serverSetting("mutations_sync", "2")
                .serverSetting("lightweight_deletes_sync", "2")
                .build();
    }

    /**
     * Asks.
     *
     * @param parameters values of the query's {@code {name:Type}}
     */
    <T> T query(String sql, Map<String, Object> parameters, Answer<T> answer) {
        return query(sql, parameters, options.database(), answer);
    }

    /** Asks the catalogue, also where our database is not there yet. */
    <T> T inSystem(String sql, Answer<T> answer) {
        return query(sql, Map.of(), "system", answer);
    }

    private <T> T query(String sql, Map<String, Object> parameters, String database, Answer<T> answer) {
        QuerySettings settings = new QuerySettings()
                .setFormat(ClickHouseFormat.RowBinary)
                .setDatabase(database)
                .serverSetting("wait_end_of_query", "1")
                .serverSetting("buffer_size", ANSWER_BYTES_HELD)
                .serverSetting("max_execution_time", seconds());
        QueryResponse response = null;
        underWay.incrementAndGet();
        try {
            response = await(client.query(sql, parameters, settings));
            answered = true;
            return answer.read(new Rows(response.getInputStream()));
        } catch (Exception e) {
            throw translate(e);
        } finally {
            close(response);
            underWay.decrementAndGet();
        }
    }

    /** Runs a statement that answers nothing. */
    void execute(String sql) {
        execute(sql, options.database());
    }

    /**
     * Runs a statement that answers nothing.
     *
     * @param database in which to run it: one that exists
     */
    void execute(String sql, String database) {
        CommandSettings settings = new CommandSettings();
        settings.setDatabase(database);
        underWay.incrementAndGet();
        try {
            await(client.execute(sql, settings)).close();
        } catch (Exception e) {
            throw translate(e);
        } finally {
            underWay.decrementAndGet();
        }
    }

    /** Inserts rows; they are there as a whole when it returns. */
    void insert(String table, List<String> columns, Content content) {
        underWay.incrementAndGet();
        try {
            await(client.insert(
                            table,
                            columns,
                            out -> {
                                RowBinary rows = new RowBinary(out);
                                content.write(rows);
                                rows.flush();
                            },
                            ClickHouseFormat.RowBinary,
                            new InsertSettings()))
                    .close();
        } catch (Exception e) {
            throw translate(e);
        } finally {
            underWay.decrementAndGet();
        }
    }

    /** Returns how many statements have a connection: the client itself tells only a registry of metrics. */
    PoolUse use() {
        return new PoolUse(Math.min(underWay.get(), CONNECTIONS_MAX), CONNECTIONS_MAX);
    }

    @Override
    public void close() {
        client.close();
    }

    private RuntimeException translate(Exception failure) {
        Throwable cause =
                failure instanceof ExecutionException && failure.getCause() != null ? failure.getCause() : failure;
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        TsdashException translated = Failures.translate(options.toString(), cause, this::shardsAway);
        boolean plain = options.url().startsWith("http:");
        if (!answered
                && plain
                && Failures.isCut(cause)
                && TlsProbe.speaksTls(options.url(), options.connectTimeout())) {
            return new PermanentException(
                    "store '" + options + "' speaks TLS: give it an address that begins with https", translated);
        }
        return translated;
    }

    /** Returns which shards this server cannot reach: the client does not hand on what the server says of them. */
    private String shardsAway() {
        return inSystem(
                "SELECT DISTINCT shard_num, host_name, toString(port) FROM system.clusters WHERE cluster = "
                        + Sql.text(options.cluster()) + " AND errors_count > 0 ORDER BY shard_num",
                rows -> {
                    StringJoiner shards = new StringJoiner(", ");
                    while (rows.next()) {
                        shards.add("shard " + rows.int32() + " at " + rows.string() + ":" + rows.string());
                    }
                    return shards.toString();
                });
    }

    private static void close(@Nullable QueryResponse response) {
        try {
            if (response != null) {
                response.close();
            }
        } catch (Exception e) {
            LOG.debug("an answer could not be closed", e);
        }
    }

    private static <T> T await(CompletableFuture<T> future) throws ExecutionException, InterruptedException {
        return future.get();
    }

    private String seconds() {
        return Long.toString(Math.max(1, options.requestTimeout().toSeconds()));
    }
}
