package io.tsdash.examples.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.time.TimeSource;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

class ServerLogTest {
    private static final Logger LOG = LoggerFactory.getLogger("io.tsdash.test");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ManualTimeSource time = new ManualTimeSource(1_723_161_600_000_000_000L);

    @AfterEach
    void writeAsBefore() {
        ServerLog.write(LogFormat.TEXT, "", System.err, TimeSource.system());
    }

    @Test
    void aLineOfEcsIsOneObjectWithTheFieldsThatWereGiven() {
        ServerLog.write(LogFormat.ECS, "one:8080", out, time);
        LOG.atWarn()
                .addKeyValue(ServerLog.ACTION, "store-retry")
                .addKeyValue(ServerLog.SYMBOL, "A\"B\n")
                .addKeyValue(ServerLog.LATENCY, 45L)
                .addKeyValue(ServerLog.TRACE, "0af7651916cd43dd8448eb211c80319c")
                .setCause(new IllegalStateException("it \"broke\""))
                .log("store {} tries again", "duckdb");

        List<String> lines = lines();
        assertThat(lines).singleElement().satisfies(line -> {
            assertThat(line)
                    .contains(
                            "\"log.level\":\"WARN\"",
                            "\"message\":\"store duckdb tries again\"",
                            "\"service.name\":\"tsdash\"",
                            "\"service.version\":\"0.1.0\"",
                            "\"service.node.name\":\"one:8080\"",
                            "\"event.action\":\"store-retry\"",
                            "\"labels.symbol\":\"A\\\"B\\n\"",
                            "\"labels.latency_ms\":45",
                            "\"trace.id\":\"0af7651916cd43dd8448eb211c80319c\"",
                            "\"error.message\":\"it \\\"broke\\\"\"");
            parse(line);
        });
    }

    @ParameterizedTest
    @EnumSource(LogFormat.class)
    void noSecretIsWritten(LogFormat format) {
        ServerLog.write(format, "", out, time);
        String jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl";
        LOG.info("connected to {}", "redis://app:geheim1@cache:6379/0");
        LOG.info("GET {}", "/latest?symbol=A&access_token=geheim2");
        LOG.info("Authorization: {}", "Bearer geheim3.x-y_z");
        LOG.info("the token was {}", jwt);
        LOG.info("it got {}", "{\"password\":\"geheim5 \\\"geheim6\", \"token\" : \"geheim7\"}");
        LOG.info("it got {}", "{\\\"api_key\\\":\\\"geheim8 geheim9\\\"}");
        LOG.info("GET {}", "\"/latest?token=geheim10\"");
        LOG.info("password={} and password: {}", "'geheim11 geheim12'", "geheim13");
        LOG.info("headers {}", "Authorization: Basic Z2VoZWltOmdlaGVpbQ==, \"authorization\":\"Token geheim14\"");
        LOG.atInfo().addKeyValue(ServerLog.SYMBOL, "secret=geheim15").log("a value");
        LOG.error("it failed", new IllegalStateException("jdbc:postgresql://h/db?user=u&password=geheim4&ssl=true"));

        assertThat(text()).doesNotContain("geheim", jwt, "c2lnbmF0dXJl", "Z2Vo");
        assertThat(text())
                .contains("redis://app:***@cache:6379/0", "symbol=A&access_token=***", "password=***&ssl=true");
        if (format == LogFormat.ECS) {
            lines().forEach(ServerLogTest::parse);
        }
    }

    @Test
    void whatRepeatsIsLimitedByPlaceAndCounted() {
        ServerLog.write(LogFormat.ECS, "", out, time);
        for (int i = 0; i < 100; i++) {
            LOG.warn("an event is lost: {}", i);
            LOG.atInfo().addKeyValue(ServerLog.ACTION, "a").log("{}: {}", "a", i);
        }
        LOG.atInfo().addKeyValue(ServerLog.ACTION, "b").log("{}: {}", "b", 1);
        assertThat(lines()).hasSize(21);
        assertThat(ServerLog.suppressed()).isEqualTo(180);

        time.advance(Duration.ofSeconds(10));
        LOG.warn("an event is lost: {}", 100);
        assertThat(lines()).hasSize(22);
        assertThat(ServerLog.suppressed()).isEqualTo(180);
    }

    private List<String> lines() {
        return text().lines().toList();
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static void parse(String line) {
        try (JsonParser parser = JsonFactory.builder().build().createParser(ObjectReadContext.empty(), line)) {
            parser.nextToken();
            parser.skipChildren();
            assertThat(parser.nextToken()).isNull();
        }
    }
}
