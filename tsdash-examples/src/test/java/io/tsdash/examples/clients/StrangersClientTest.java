package io.tsdash.examples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code docs/protocol.md} is enough: {@code web/stranger/follow-prices.mjs} was written from it and knows no more. */
class StrangersClientTest {
    private static final String CLIENT = "stranger/follow-prices.mjs";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void fitsInSixtyLinesAndNeedsNothingButAWebSocketLibrary() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("web", CLIENT));
        assertThat(lines).hasSizeLessThanOrEqualTo(60);
        assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(160));
        assertThat(lines.stream().filter(line -> line.contains("import")))
                .containsExactly("import WebSocket from \"ws\";");
    }

    @Test
    void followsPricesThroughAForcedReconnectAndEndsWithTheStateOfTheServer() throws Exception {
        try (FollowedMarket market = new FollowedMarket()) {
            market.trade(50);
            try (NodeClient client = new NodeClient(CLIENT, market.address(), "prices:*")) {
                Eventually.holds("the first state", PATIENCE, () -> market.isWhatIsIn(client.said()));
                market.trade(300);
                Eventually.holds("the state after deltas", PATIENCE, () -> market.isWhatIsIn(client.said()));
                market.network().cut();
                market.trade(300);
                assertThat(market.isWhatIsIn(client.said()))
                        .as("it can't know yet")
                        .isFalse();
                market.network().restore();
                Eventually.holds("the state after the cut", PATIENCE, () -> market.isWhatIsIn(client.said()));
                market.trade(300);
                Eventually.holds("the last state", PATIENCE, () -> market.isWhatIsIn(client.said()));
                assertThat(FollowedMarket.counts(client.said()))
                        .isEqualTo(Map.of(
                                "connections", 2, "resumed", FollowedMarket.SYMBOLS.size(), "resets", 0, "gaps", 0));
            }
        }
    }
}
