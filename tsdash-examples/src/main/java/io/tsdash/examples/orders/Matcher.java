package io.tsdash.examples.orders;

import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.orders.OrderKey;
import io.tsdash.orders.OrderRequest;
import io.tsdash.orders.OrderType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Says which orders the market fills.
 *
 * <p>An order fills at the price that the market shows, never worse than its limit: a buy at the ask and a sell at the
 * bid, up to the size of the quote; and with a trade, up to its volume, on the side that its aggressor met. What the
 * market shows is given out once: market orders first, then the better limit, then the older order. Single-threaded.
 */
final class Matcher {
    private static final BigDecimal UNLIMITED = new BigDecimal("1e30");

    private final Map<String, Book> books = new HashMap<>();
    private long arrivals;

    /** Tells who fills, one by one; what is filled must be taken before it returns. */
    @FunctionalInterface
    interface Fills {
        /**
         * Fills some of an order.
         *
         * @return what is left of the order
         */
        BigDecimal fill(OrderKey order, double price, BigDecimal volume);
    }

    /** Returns whether the market has been seen to trade or quote a symbol. */
    boolean knows(String symbol) {
        Book book = books.get(symbol);
        return book != null && book.seen;
    }

    /** Takes an open order in, and fills it with what the market shows now. */
    void add(OrderRequest request, BigDecimal remaining, Fills fills) {
        arrivals++;
        Book book = book(request.symbol());
        book.add(new Resting(request, remaining, arrivals));
        book.matchQuote(fills);
    }

    /** Forgets an order that has ended. */
    void remove(OrderRequest request) {
        book(request.symbol()).side(request.side()).removeIf(each -> each.request.equals(request));
    }

    /** Takes what the market did. */
    void take(MarketEvent event, Fills fills) {
        Book book = book(event.symbol());
        book.seen = true;
        if (event instanceof Quote quote) {
            book.show(quote);
            book.matchQuote(fills);
        } else if (event instanceof Trade trade && trade.version() == 0 && trade.setsPrice() && trade.volume() > 0) {
            book.matchTrade(trade, fills);
        }
    }

    private Book book(String symbol) {
        return books.computeIfAbsent(symbol, any -> new Book());
    }

    /** An open order and what is left of it. */
    private static final class Resting {
        private static final Comparator<Resting> BUYS =
                Comparator.comparingDouble((Resting each) -> -each.limit(1)).thenComparingLong(each -> each.arrival);
        private static final Comparator<Resting> SELLS =
                Comparator.comparingDouble((Resting each) -> each.limit(-1)).thenComparingLong(each -> each.arrival);

        final OrderRequest request;
        final long arrival;
        BigDecimal remaining;

        Resting(OrderRequest request, BigDecimal remaining, long arrival) {
            this.request = request;
            this.remaining = remaining;
            this.arrival = arrival;
        }

        /** Returns the limit; of a market order the largest of that sign. */
        double limit(int sign) {
            return request.type() == OrderType.MARKET ? sign * Double.MAX_VALUE : request.price();
        }

        boolean takes(double price) {
            return request.side() == Side.BUY ? price <= limit(1) : price >= limit(-1);
        }
    }

    /** One symbol. */
    private static final class Book {
        private final List<Resting> buys = new ArrayList<>();
        private final List<Resting> sells = new ArrayList<>();
        private boolean seen;
        private double bid = Double.NaN;
        private double ask = Double.NaN;
        private BigDecimal bidLeft = BigDecimal.ZERO;
        private BigDecimal askLeft = BigDecimal.ZERO;

        void add(Resting order) {
            List<Resting> side = side(order.request.side());
            side.add(order);
            side.sort(order.request.side() == Side.BUY ? Resting.BUYS : Resting.SELLS);
        }

        List<Resting> side(Side side) {
            return side == Side.BUY ? buys : sells;
        }

        void show(Quote quote) {
            bid = quote.bid();
            ask = quote.ask();
            bidLeft = size(quote.bidSize());
            askLeft = size(quote.askSize());
        }

        void matchQuote(Fills fills) {
            askLeft = give(buys, ask, askLeft, fills);
            bidLeft = give(sells, bid, bidLeft, fills);
        }

        void matchTrade(Trade trade, Fills fills) {
            BigDecimal left = BigDecimal.valueOf(trade.volume());
            if (trade.side() != Side.BUY) {
                left = give(buys, trade.price(), left, fills);
            }
            if (trade.side() != Side.SELL) {
                give(sells, trade.price(), left, fills);
            }
        }

        private static BigDecimal give(List<Resting> side, double price, BigDecimal shown, Fills fills) {
            BigDecimal left = shown;
            // Best first: behind the first that does not take the price, none does.
            while (!side.isEmpty() && left.signum() > 0 && side.get(0).takes(price)) {
                Resting order = side.get(0);
                BigDecimal volume = order.remaining.min(left);
                left = left.subtract(volume);
                order.remaining = fills.fill(order.request.key(), price, volume);
                if (order.remaining.signum() == 0) {
                    side.remove(0);
                }
            }
            return left;
        }

        private static BigDecimal size(double size) {
            return Double.isNaN(size) ? UNLIMITED : BigDecimal.valueOf(size);
        }
    }
}
