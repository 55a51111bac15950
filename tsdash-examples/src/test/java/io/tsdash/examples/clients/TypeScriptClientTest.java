package io.tsdash.examples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.Permissions;
import io.tsdash.examples.Eventually;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.access.Authentication;
import io.tsdash.transport.access.Grant;
import io.tsdash.transport.access.Quotas;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The TypeScript package, built as it is published, in Node against a real server in every form of the wire. */
class TypeScriptClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Path BUILT = Path.of("target", "typescript-client").toAbsolutePath();

    @BeforeAll
    static void build() throws Exception {
        Process compiler = new ProcessBuilder(
                        "node",
                        "node_modules/typescript/bin/tsc",
                        "-p",
                        "packages/client/tsconfig.build.json",
                        "--outDir",
                        BUILT.toString())
                .directory(Path.of("web").toFile())
                .inheritIO()
                .start();
        assertThat(compiler.waitFor()).as("exit code of tsc").isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tsdash.v1.json", "tsdash.v1.msgpack", "tsdash.v1.protobuf", "tsdash.v1.binary"})
    void followsPricesThroughCutsAndHasTheChecksumsOfTheServer(String form) throws Exception {
        try (FollowedMarket market = new FollowedMarket()) {
            market.trade(50);
            try (NodeClient client =
                    new NodeClient("browser-test/follow.mjs", BUILT.toUri().toString(), form, market.address())) {
                Eventually.holds("the first state", PATIENCE, () -> market.isWhatIsIn(client.said()));
                for (int cut = 1; cut <= 2; cut++) {
                    market.trade(300);
                    Eventually.holds("the state after deltas", PATIENCE, () -> market.isWhatIsIn(client.said()));
                    market.network().cut();
                    market.trade(300);
                    market.network().restore();
                    Eventually.holds("the state after a cut", PATIENCE, () -> market.isWhatIsIn(client.said()));
                }
                market.trade(300);
                Eventually.holds("the last state", PATIENCE, () -> market.isWhatIsIn(client.said()));
                int symbols = FollowedMarket.SYMBOLS.size();
                Eventually.holds("checksums", PATIENCE, () -> count(client, "checksums") >= 2 * symbols);
                for (String none : new String[] {"gaps", "resets", "malformed", "checksumFailures"}) {
                    assertThat(count(client, none)).as(none).isZero();
                }
                assertThat(count(client, "resumed")).isEqualTo(2 * symbols);
            }
        }
    }

    @Test
    void authenticatesFirstAndRenewsItsTokenOnTheSameConnection() throws Exception {
        List<String> tokens = new CopyOnWriteArrayList<>();
        try (FollowedMarket market = new FollowedMarket(options -> options.authenticator(token -> {
            tokens.add(token);
            long end =
                    TimeSource.system().epochNanos() + Duration.ofMillis(2_500).toNanos();
            return new Authentication.Granted(new Grant("ann", Permissions.all(), end, Quotas.usual()));
        }))) {
            market.trade(50);
            try (NodeClient client = new NodeClient(
                    "browser-test/follow.mjs",
                    BUILT.toUri().toString(),
                    "tsdash.v1.binary",
                    market.address(),
                    "token-")) {
                Eventually.holds("the token is renewed", PATIENCE, () -> tokens.size() >= 3);
                market.trade(100);
                Eventually.holds(
                        "prices",
                        PATIENCE,
                        () -> count(client, "connections") == 1
                                && count(client, "checksums") > 0
                                && FollowedMarket.symbols(client.said()).containsAll(FollowedMarket.SYMBOLS));
                assertThat(tokens).startsWith("token-1", "token-2", "token-3");
            }
        }
    }

    private static int count(NodeClient client, String name) {
        return FollowedMarket.counts(client.said()).getOrDefault(name, 0);
    }
}
