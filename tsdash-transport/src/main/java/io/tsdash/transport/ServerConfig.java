package io.tsdash.transport;

import io.netty.handler.ssl.SslContext;
import io.tsdash.cache.NewestBars;
import io.tsdash.model.PriceUpdate;
import io.tsdash.orders.OrderGateway;
import io.tsdash.resilience.FallbackChain;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A server's settings, checked; the builder says what each means.
 *
 * @param host address to listen on
 * @param port 0 picks a free one
 * @param frameBytesMax largest frame, message or request from a client
 * @param connectionsMax connections at a time
 * @param ioThreads event loops
 * @param restThreads requests worked on at a time, of those that ask the store and of the others each
 * @param restQueueMax requests that may wait, of both each
 * @param restTimeout longest time of a request
 * @param idle how long a connection may say nothing
 * @param handshake longest time from a request's first byte to its last
 * @param compression whether clients may have their frames deflated
 * @param origins that pages may connect from, besides the server's own
 * @param codecs forms of the wire, the first for who asks for none
 * @param folder of the class path with the page
 * @param checks what must hold for the server to be ready: a reason when it does not
 * @param helpfulChecks what it can do without for a while: a reason when it must
 * @param connections learns which connections were ended
 * @param traffic hears what goes over connections
 * @param access who may come in
 * @param tls what encrypts; empty where nothing does
 * @param orders who takes orders; empty where nobody does
 * @param latest where the latest price of a symbol comes from
 * @param newest the newest bars of symbols; empty where the store answers
 * @param users keeps texts of users; empty where nobody does
 * @param pages more pages, by path
 * @param shows takes the last known price of a symbol that has no live one
 * @param tracing records steps
 */
record ServerConfig(
        String host,
        int port,
        int frameBytesMax,
        int connectionsMax,
        int ioThreads,
        int restThreads,
        int restQueueMax,
        Duration restTimeout,
        Duration idle,
        Duration handshake,
        boolean compression,
        Set<String> origins,
        List<WireCodec> codecs,
        String folder,
        Map<String, Supplier<Optional<String>>> checks,
        Map<String, Supplier<Optional<String>>> helpfulChecks,
        ConnectionListener connections,
        TrafficListener traffic,
        AccessConfig access,
        Optional<SslContext> tls,
        Optional<OrderGateway> orders,
        FallbackChain<String, PriceUpdate> latest,
        Optional<NewestBars> newest,
        Optional<UserData> users,
        Map<String, ServedPage> pages,
        Consumer<PriceUpdate> shows,
        Tracing tracing) {}
