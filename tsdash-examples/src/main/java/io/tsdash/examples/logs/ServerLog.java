package io.tsdash.examples.logs;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.tsdash.time.TimeSource;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** The log of this process: its form, and how often one thing may be said. Thread-safe. */
public final class ServerLog {
    /** The field that names what happened, for programs. */
    public static final String ACTION = "event.action";

    /** The field that names the part that says it. */
    public static final String COMPONENT = "labels.component";

    /** The field that names the symbol it is about. */
    public static final String SYMBOL = "labels.symbol";

    /** The field that says at what price it was. */
    public static final String PRICE = "labels.price";

    /** The field that names the user it is about, as the subject of the token says it. */
    public static final String USER = "user.id";

    /** The field that says how long something took, in milliseconds. */
    public static final String LATENCY = "labels.latency_ms";

    /** The field that names the trace it is part of. */
    public static final String TRACE = "trace.id";

    /** The field that names the span in it. */
    public static final String SPAN = "span.id";

    private static final int LINES_MAX = 10;
    private static final Duration SPAN_OF_TIME = Duration.ofSeconds(10);
    private static final String SERVICE = "tsdash";
    private static final String VERSION = "0.1.0";
    private static final AtomicReference<@Nullable RepeatLimit> LIMIT = new AtomicReference<>();

    private ServerLog() {}

    /**
     * Writes all from here on to a stream, in place of where it went before.
     *
     * @param node tells this server from others; may be empty
     */
    public static void write(LogFormat format, String node, OutputStream out, TimeSource time) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        RepeatLimit limit = new RepeatLimit(LINES_MAX, SPAN_OF_TIME, time);
        limit.setContext(context);
        limit.start();
        Encoder<ILoggingEvent> encoder = format == LogFormat.ECS ? ecs(node) : new TextLines();
        encoder.setContext(context);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setName(format.name());
        appender.setEncoder(encoder);
        appender.setOutputStream(out);
        appender.addFilter(limit);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
        LIMIT.set(limit);
    }

    /** Returns how many lines were not written because they repeat. */
    public static long suppressed() {
        RepeatLimit limit = LIMIT.get();
        return limit == null ? 0 : limit.suppressed();
    }

    private static EcsLines ecs(String node) {
        EcsLines lines = new EcsLines();
        lines.setServiceName(SERVICE);
        lines.setServiceVersion(VERSION);
        if (!node.isEmpty()) {
            lines.setServiceNodeName(node);
        }
        return lines;
    }
}
