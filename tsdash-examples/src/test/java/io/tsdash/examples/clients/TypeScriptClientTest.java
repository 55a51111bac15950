package io.tsdash.examples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
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

    private static int count(NodeClient client, String name) {
        return FollowedMarket.counts(client.said()).getOrDefault(name, 0);
    }
}
