package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.model.Trade;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.spi.FeedProvider;
import io.tsdash.spi.Feeds;
import io.tsdash.time.TimeSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExchangeProviderTest {

    @Test
    void theExchangesAreFoundByName() {
        assertThat(Feeds.available().stream().map(FeedProvider::name))
                .contains("coinbase", "binance", "binance-usdm", "kraken", "kraken-v2", "bitstamp");
        try (Feed feed = Feeds.open("coinbase:btc-usd, ETH-USD", Map.of(), TimeSource.system())) {
            assertThat(feed.name()).isEqualTo("coinbase:BTC-USD,ETH-USD");
        }
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        assertThatThrownBy(() -> Feeds.open(
                        "binance:btc usdt",
                        Map.of("url", "http://x", "idleTimeout", "0", "quotes", "some", "surprise", "1"),
                        TimeSource.system()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("symbol was 'BTC USDT'")
                .hasMessageContaining("url was 'http://x' but it must be an address that begins with ws or wss")
                .hasMessageContaining("idleTimeout was '0' but it must be above 0")
                .hasMessageContaining("quotes was 'some' but it must be one of bookTicker, depth")
                .hasMessageContaining("no option 'surprise'");
        assertThatThrownBy(() -> Feeds.open("kraken", Map.of(), TimeSource.system()))
                .hasMessageContaining("kraken:XBT/USD");
    }

    @Test
    void anExchangeThatIsAwayIsTriedAgainAndTheFeedCanBeClosed() {
        Heard heard = new Heard();
        Feed feed = Feeds.open(
                "bitstamp:btcusd",
                Map.of("url", "ws://127.0.0.1:1", "rest", "http://127.0.0.1:1", "retryMax", "0.05"),
                TimeSource.system());
        feed.start(heard);
        heard.await(
                "three tries",
                all -> all.states.stream()
                                .filter(state -> state.startsWith("DOWN cannot connect to ws://127.0.0.1:1"))
                                .count()
                        >= 3);
        feed.close();
        feed.close();
        assertThat(heard.states.get(heard.states.size() - 1)).isEqualTo(ConnectionState.ENDED + " closed");
        assertThatThrownBy(() -> feed.start(heard)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aListenerThatFailsStopsTheFeed() {
        Heard heard = new Heard() {
            @Override
            public void onTrade(Trade trade) {
                throw new IllegalStateException("the listener is full");
            }
        };
        try (FeedRun run = new FeedRun(
                heard,
                "binance:btcusdt",
                Map.of(),
                1,
                (client, connection, text) -> client.send("{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\","
                        + "\"s\":\"BTCUSDT\",\"t\":1,\"p\":\"1\",\"q\":\"2\",\"T\":1723161255342,\"m\":true}}"),
                FeedRun::nothing)) {
            run.heard.awaitState("DOWN the listener is full");
        }
        assertThat(heard.states.get(heard.states.size() - 1)).isEqualTo("DOWN the listener is full");
    }

    @Test
    void aMessageThatIsTooLongIsLeftOutAndNothingElse() {
        String trade = "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":%d,\"p\":\"1\","
                + "\"q\":\"2\",\"T\":1723161255342,\"m\":true}}";
        try (FeedRun run = new FeedRun(
                "binance:btcusdt",
                Map.of(),
                1,
                (client, connection, text) -> {
                    client.send(trade.formatted(1));
                    client.send("x".repeat(Connection.TEXT_MAX + 1));
                    client.send(trade.formatted(2));
                },
                FeedRun::nothing)) {
            run.heard.awaitTrades(2);
            assertThat(run.heard.refused).hasSize(1);
            assertThat(run.heard.refused.get(0).reason()).contains("at most");
            assertThat(run.heard.gaps).isEmpty();
        }
    }
}
