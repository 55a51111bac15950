package io.tsdash.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.InvalidInputException;
import io.tsdash.time.ManualTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class UserSessionsTest {
    private static final List<Position> POSITIONS =
            List.of(new Position("AAPL", 100, 150.25), new Position("EURUSD", -0.5, 1.0825));
    private static final List<WatchList> LISTS =
            List.of(new WatchList("Tech ✓", List.of("AAPL", "MSFT")), new WatchList("", List.of()));

    private final ManualTime time = new ManualTime(1_800_000_000_000_000_000L);
    private final UserSessions sessions = new UserSessions(Cache.inMemory(10, time), Cache.inMemory(10, time), time);

    @Test
    void keepsWhatIsAUsersForADayFromTheLastSave() {
        sessions.savePositions("ann", POSITIONS);
        sessions.saveWatchLists("ann", LISTS);
        time.advance(Duration.ofHours(23));
        sessions.saveWatchLists("ann", LISTS);
        assertThat(sessions.positions("ann")).isEqualTo(POSITIONS);
        assertThat(sessions.positions("bob")).isEmpty();
        time.advance(Duration.ofHours(1));
        assertThat(sessions.positions("ann")).isEmpty();
        assertThat(sessions.watchLists("ann")).isEqualTo(LISTS);
        sessions.forget("ann");
        assertThat(sessions.watchLists("ann")).isEmpty();
    }

    @Test
    void codecsGiveBackWhatWasWrittenAndRefuseOtherForms() {
        CacheCodec<List<Position>> positions = UserSessions.positionsCodec();
        CacheCodec<List<WatchList>> lists = UserSessions.watchListsCodec();
        assertThat(positions.decode(positions.encode(POSITIONS))).isEqualTo(POSITIONS);
        assertThat(lists.decode(lists.encode(LISTS))).isEqualTo(LISTS);
        assertThatThrownBy(() -> lists.decode(new byte[] {9, 0, 0, 0, 0})).hasMessageContaining("form 9");
        assertThatThrownBy(() -> positions.decode(new byte[] {1, 0, 0, 0, 5})).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> new Position("A", Double.NaN, 1)).isInstanceOf(InvalidInputException.class);
    }
}
