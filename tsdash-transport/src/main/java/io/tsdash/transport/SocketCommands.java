package io.tsdash.transport;

import io.netty.channel.Channel;
import io.tsdash.distribution.Access;
import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.OrderChannels;
import io.tsdash.distribution.Permissions;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.Session;
import io.tsdash.distribution.SubscribeCommand;
import io.tsdash.distribution.WireCode;
import io.tsdash.orders.OrderReply;
import io.tsdash.transport.access.Authentication;
import io.tsdash.transport.access.Grant;
import io.tsdash.transport.access.UserQuotas;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one WebSocket: who the client is, its orders, and all else for its session. While a token or a watch-list is
 * read the commands behind it wait, so that each is done with the permissions that it was sent with. One event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // listeners of the channel's end
final class SocketCommands {
    /** Commands that wait while a token or a watch-list is read. */
    private static final int WAITING_MAX = 256;
    /** Orders and cancels that wait for the gateway's answer. */
    private static final int ORDERS_WAITING_MAX = 64;

    private static final String PRICES = "prices:";

    private final TsdashServer server;
    private final Gate gate;
    private final Channel channel;
    private final Session session;
    private final Optional<OrderChannels> orders;
    private final SocketTrace trace;
    private final Expiry expiry;
    private final ArrayDeque<ClientCommand> waiting = new ArrayDeque<>();
    private @Nullable Admission admission;
    private boolean reading;
    private boolean gone;
    private int ordersWaiting;

    /**
     * @param trace of the connection
     * @param admission what the handshake's token gave; null when there was none
     * @param orders on the socket for orders, the way to them
     */
    SocketCommands(
            TsdashServer server,
            Channel channel,
            Session session,
            SocketTrace trace,
            @Nullable Admission admission,
            Optional<OrderChannels> orders) {
        this.server = server;
        this.gate = server.gate();
        this.channel = channel;
        this.session = session;
        this.trace = trace;
        this.orders = orders;
        this.admission = admission;
        this.expiry = new Expiry(
                channel.eventLoop(),
                gate.time(),
                () -> end(WireCode.UNAUTHENTICATED, "the token has ended: connect again with a new one"));
        channel.closeFuture().addListener(done -> leave());
        if (admission != null) {
            expiry.at(admission.grant.expiresNanos());
        } else if (!gate.isOpen()) {
            expiry.at(gate.time().epochNanos() + TimeUnit.MILLISECONDS.toNanos(gate.withinMillis()));
        }
    }

    /** Who the client is, and its part of what its user has. */
    record Admission(Grant grant, UserQuotas.Lease lease) {
        /** Returns what the session may see; who wants to see more than the user may at a time is told of. */
        Access access(Gate gate, Channel channel) {
            return new Access(grant.user(), grant.permissions(), subscriptions -> {
                boolean allowed = lease.allow(subscriptions);
                if (!allowed && channel.isActive()) {
                    gate.refused(
                            channel,
                            grant.user(),
                            WireCode.TOO_MANY_SUBSCRIPTIONS,
                            "subscriptions of all sessions would be more than "
                                    + grant.quotas().subscriptions());
                }
                return allowed;
            });
        }
    }

    void accept(ClientCommand command) {
        if (gone) {
            return;
        }
        if (reading) {
            if (waiting.size() < WAITING_MAX) {
                waiting.addLast(command);
            } else {
                end(
                        WireCode.TOO_MANY_COMMANDS,
                        "more than " + WAITING_MAX + " commands wait for a token or watch-list to be read");
            }
            return;
        }
        if (admission != null && !admission.lease.message()) {
            end(WireCode.TOO_MANY_COMMANDS, "commands come faster than their user may send them");
        } else if (command instanceof ClientCommand.Authenticate authenticate) {
            authenticate(authenticate);
        } else if (admission == null && !gate.isOpen()) {
            refuse(
                    id(command),
                    WireCode.UNAUTHENTICATED,
                    "the server does not know yet who you are: authenticate first");
        } else if (command instanceof ClientCommand.PlaceOrder order) {
            order(order.id(), at -> server.place(order.request(at)));
        } else if (command instanceof ClientCommand.CancelOrder cancel) {
            order(cancel.id(), at -> server.cancel(cancel.key(at)));
        } else if (command instanceof SubscribeCommand subscribe) {
            subscribe(subscribe);
        } else {
            session.accept(command);
        }
    }

    /** The session would refuse it too; but here it is told who was refused. */
    private void subscribe(SubscribeCommand command) {
        if (admission != null) {
            Access access = admission.access(gate, channel);
            for (String each : command.channels()) {
                if (!access.permissions().cover(each)) {
                    refuse(OptionalLong.of(command.id()), WireCode.FORBIDDEN, access.forbidden(each));
                    return;
                }
            }
        }
        SubscriptionTrace steps = trace.subscription(command);
        if (command.watchlist()) {
            subscribeToWatchList(command, steps);
        } else {
            subscribe(command, steps);
        }
    }

    private void subscribe(SubscribeCommand command, SubscriptionTrace steps) {
        steps.subscribing(command.channels().size());
        session.subscribe(command, steps);
    }

    private void subscribeToWatchList(SubscribeCommand command, SubscriptionTrace steps) {
        Optional<WatchListSubscription> watchLists = server.watchLists();
        if (watchLists.isEmpty() || orders.isPresent()) {
            String why = "watchlist was true but this server keeps none for this socket";
            steps.failed(why);
            refuse(OptionalLong.of(command.id()), WireCode.MALFORMED, why);
            return;
        }
        Admission mine = admission;
        String user = mine == null ? Access.ANONYMOUS : mine.grant.user();
        reading = true;
        boolean taken = server.storeWorkers().run(() -> {
            WatchListSubscription.Loaded loaded = watchLists.get().load(user, steps);
            channel.eventLoop().execute(() -> goOn(() -> watch(command, loaded, watchLists.get(), steps)));
        });
        if (!taken) {
            goOn(() -> watch(
                    command, WatchListSubscription.Loaded.failed("all workers are busy"), watchLists.get(), steps));
        }
    }

    private void watch(
            SubscribeCommand command,
            WatchListSubscription.Loaded loaded,
            WatchListSubscription watchLists,
            SubscriptionTrace steps) {
        if (!loaded.problem().isEmpty()) {
            String why = "the watch-list cannot be read now: " + loaded.problem();
            steps.failed(why);
            refuse(OptionalLong.of(command.id()), WireCode.UNAVAILABLE, why);
            return;
        }
        Permissions permissions = admission == null ? Permissions.all() : admission.grant.permissions();
        Set<String> channels = new LinkedHashSet<>(command.channels());
        List<String> symbols = loaded.symbols().stream()
                .filter(symbol -> permissions.cover(PRICES + symbol))
                .toList();
        symbols.forEach(symbol -> channels.add(PRICES + symbol));
        subscribe(command.to(List.copyOf(channels)), steps);
        boolean taken = server.storeWorkers().run(() -> watchLists.showMissing(symbols, steps));
        if (!taken) {
            gate.refused(channel, user(), WireCode.UNAVAILABLE, "no worker looked for prices that are not live");
        }
    }

    /** Goes on with the commands behind one that was read elsewhere. */
    private void goOn(Runnable command) {
        reading = false;
        if (!gone) {
            command.run();
        }
        while (!reading && !waiting.isEmpty()) {
            accept(waiting.removeFirst());
        }
    }

    private void authenticate(ClientCommand.Authenticate command) {
        OptionalLong id = OptionalLong.of(command.id());
        if (gate.isOpen()) {
            refuse(id, WireCode.MALFORMED, "op was 'authenticate' but this server asks nobody who they are");
            return;
        }
        reading = true;
        trace.verifying();
        gate.authenticate(command.token(), answer -> {
            CompletionStage<Void> ready = answer instanceof Authentication.Granted granted && orders.isPresent()
                    ? orders.get().open(granted.grant().user())
                    : CompletableFuture.completedFuture(null);
            ready.whenComplete((done, failure) -> channel.eventLoop()
                    .execute(() -> goOn(() -> {
                        trace.verified();
                        finish(
                                command.id(),
                                failure == null ? answer : new Authentication.Unavailable("orders: " + failure));
                    })));
        });
    }

    private void finish(long id, Authentication answer) {
        if (answer instanceof Authentication.Granted granted) {
            admit(id, granted.grant());
        } else if (answer instanceof Authentication.Refused refused) {
            refuse(OptionalLong.of(id), WireCode.UNAUTHENTICATED, refused.reason());
            end(WireCode.UNAUTHENTICATED, refused.reason());
        } else if (answer instanceof Authentication.Unavailable unavailable) {
            refuse(OptionalLong.of(id), WireCode.UNAVAILABLE, unavailable.reason());
        }
    }

    private void admit(long id, Grant grant) {
        Admission before = admission;
        if (before == null) {
            Optional<UserQuotas.Lease> lease = gate.quotas().connect(grant);
            if (lease.isEmpty()) {
                String why = tooManyConnections(grant);
                refuse(OptionalLong.of(id), WireCode.TOO_MANY_COMMANDS, why);
                end(WireCode.TOO_MANY_COMMANDS, why);
                return;
            }
            admission = new Admission(grant, lease.get());
        } else if (before.grant.user().equals(grant.user())) {
            before.lease.renew(grant);
            admission = new Admission(grant, before.lease);
        } else {
            refuse(
                    OptionalLong.of(id),
                    WireCode.FORBIDDEN,
                    "user was '" + grant.user() + "' but this connection is one of '" + before.grant.user() + "'");
            return;
        }
        session.admit(
                admission.access(gate, channel),
                new ServerMessage.Authenticated(id, grant.user(), grant.expiresNanos()));
        expiry.at(grant.expiresNanos());
    }

    static String tooManyConnections(Grant grant) {
        return "connections would be more than the " + grant.quotas().connections() + " of " + grant.user();
    }

    private void order(long id, Function<String, CompletionStage<OrderReply>> command) {
        OptionalLong answerTo = OptionalLong.of(id);
        Admission mine = admission;
        if (orders.isEmpty()) {
            refuse(answerTo, WireCode.MALFORMED, "orders are taken at /orders only");
        } else if (mine != null && !mine.grant.permissions().cover(OrderChannels.NAME)) {
            refuse(answerTo, WireCode.FORBIDDEN, "an order needs the permission 'orders'");
        } else if (ordersWaiting >= ORDERS_WAITING_MAX) {
            refuse(
                    answerTo,
                    WireCode.TOO_MANY_COMMANDS,
                    ORDERS_WAITING_MAX + " commands wait for their answers, as many as may: try again");
        } else {
            ordersWaiting++;
            String user = mine == null ? Access.ANONYMOUS : mine.grant.user();
            command.apply(user)
                    .whenComplete((reply, failure) -> channel.eventLoop().execute(() -> {
                        ordersWaiting--;
                        answer(id, reply, failure);
                    }));
        }
    }

    private void answer(long id, @Nullable OrderReply reply, @Nullable Throwable failure) {
        if (reply instanceof OrderReply.Acknowledged done) {
            session.tell(new ServerMessage.OrderAck(id, done.clientOrderId(), done.orderId(), done.status()));
        } else if (reply instanceof OrderReply.Refused refused) {
            refuse(OptionalLong.of(id), code(refused.reason()), refused.message());
        } else {
            refuse(OptionalLong.of(id), WireCode.UNAVAILABLE, "the gateway failed, send it again: " + failure);
        }
    }

    private static WireCode code(OrderReply.Reason reason) {
        return switch (reason) {
            case UNKNOWN_SYMBOL, UNKNOWN_ORDER -> WireCode.UNKNOWN_CHANNEL;
            case OTHER_ORDER, ENDED, TOO_MANY -> WireCode.ORDER_REFUSED;
            case UNAVAILABLE -> WireCode.UNAVAILABLE;
        };
    }

    private void refuse(OptionalLong id, WireCode code, String why) {
        gate.refused(channel, user(), code, why);
        session.refuse(id, code, why);
    }

    private void end(WireCode code, String why) {
        if (!gone) {
            gate.refused(channel, user(), code, why);
            session.dismiss(code, why);
            leave();
        }
    }

    private String user() {
        return admission == null ? "" : admission.grant.user();
    }

    private void leave() {
        gone = true;
        waiting.clear();
        expiry.cancel();
        if (admission != null) {
            admission.lease.release();
        }
    }

    private static OptionalLong id(ClientCommand command) {
        if (command instanceof SubscribeCommand subscribe) {
            return OptionalLong.of(subscribe.id());
        }
        if (command instanceof ClientCommand.Unsubscribe unsubscribe) {
            return OptionalLong.of(unsubscribe.id());
        }
        if (command instanceof ClientCommand.Ping ping) {
            return OptionalLong.of(ping.id());
        }
        if (command instanceof ClientCommand.Checksum checksum) {
            return OptionalLong.of(checksum.id());
        }
        if (command instanceof ClientCommand.PlaceOrder order) {
            return OptionalLong.of(order.id());
        }
        if (command instanceof ClientCommand.CancelOrder cancel) {
            return OptionalLong.of(cancel.id());
        }
        return command instanceof ClientCommand.Malformed malformed ? malformed.id() : OptionalLong.empty();
    }
}
