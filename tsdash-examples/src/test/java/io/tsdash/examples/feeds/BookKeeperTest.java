package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.feeds.BookKeeper.Outcome;
import io.tsdash.examples.feeds.Exchange.BookRule;
import io.tsdash.examples.feeds.VenueMessage.BookDelta;
import io.tsdash.examples.feeds.VenueMessage.BookSnapshot;
import io.tsdash.examples.feeds.VenueMessage.Level;
import java.util.List;
import org.junit.jupiter.api.Test;

class BookKeeperTest {

    @Test
    void changesThatWaitedAreTakenFromWhereTheSnapshotEnds() {
        BookKeeper book = new BookKeeper("X", BookRule.NEXT_FOLLOWS, 0);
        assertThat(book.delta(spot(1, 5, "1.0"))).isEqualTo(Outcome.WAITS);
        assertThat(book.delta(spot(6, 9, "2.0"))).isEqualTo(Outcome.WAITS);
        assertThat(book.snapshot(snapshot(7))).isEqualTo(Outcome.APPLIED);
        assertThat(book.lastId()).isEqualTo(9);
        assertThat(book.changedQuote().orElseThrow().bid()).isEqualTo(2.0);
        assertThat(book.changedQuote()).isEmpty();
        assertThat(book.delta(spot(10, 10, "3.0"))).isEqualTo(Outcome.APPLIED);
        assertThat(book.changedQuote().orElseThrow().bid()).isEqualTo(3.0);
    }

    @Test
    void aSnapshotFromBeforeTheFirstChangeIsTooOld() {
        BookKeeper book = new BookKeeper("X", BookRule.NEXT_FOLLOWS, 0);
        book.delta(spot(10, 12, "1.0"));
        assertThat(book.snapshot(snapshot(8))).isEqualTo(Outcome.TOO_OLD);
        assertThat(book.valid()).isFalse();
        assertThat(book.snapshot(snapshot(9))).isEqualTo(Outcome.APPLIED);
        assertThat(book.lastId()).isEqualTo(12);
    }

    @Test
    void aBrokenChainGivesNoQuotesUntilThereIsANewSnapshot() {
        BookKeeper book = new BookKeeper("X", BookRule.NAMES_PREVIOUS, 0);
        book.snapshot(snapshot(100));
        assertThat(book.delta(futures(90, 105, 89, "1.0"))).isEqualTo(Outcome.APPLIED);
        assertThat(book.delta(futures(107, 120, 105, "2.0"))).isEqualTo(Outcome.APPLIED);
        assertThat(book.delta(futures(131, 140, 130, "3.0"))).isEqualTo(Outcome.BROKEN);
        assertThat(book.changedQuote()).isEmpty();
        assertThat(book.snapshot(snapshot(110))).isEqualTo(Outcome.TOO_OLD);
        assertThat(book.snapshot(snapshot(135))).isEqualTo(Outcome.APPLIED);
        assertThat(book.changedQuote().orElseThrow().bid()).isEqualTo(3.0);
    }

    @Test
    void levelsBelowTheDepthLeave() {
        OrderBook book = new OrderBook(2);
        book.apply(
                List.of(new Level("1", "1"), new Level("3", "1"), new Level("2", "1")),
                List.of(new Level("5", "1"), new Level("4", "1"), new Level("6", "1")));
        book.apply(List.of(new Level("3", "0")), List.of(new Level("4.0", "0.00")));
        assertThat(book.bestBid()).contains(new Level("2", "1"));
        assertThat(book.bestAsk()).contains(new Level("5", "1"));
        book.apply(List.of(new Level("2", "0")), List.of(new Level("5", "0")));
        assertThat(book.bestBid()).isEmpty();
        assertThat(book.bestAsk()).isEmpty();
    }

    private static BookSnapshot snapshot(long lastId) {
        return new BookSnapshot(
                "X", 1, lastId, List.of(new Level("0.5", "1")), List.of(new Level("9", "1")), VenueMessage.NONE);
    }

    private static BookDelta spot(long first, long last, String bid) {
        return futures(first, last, VenueMessage.NONE, bid);
    }

    private static BookDelta futures(long first, long last, long previous, String bid) {
        return new BookDelta("X", 1, first, last, previous, List.of(new Level(bid, "1")), List.of(), VenueMessage.NONE);
    }
}
