package io.tsdash.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.resilience.GuardListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ListenersTest {
    private final List<String> heard = new ArrayList<>();

    @Test
    void eachHearsInTurnAlsoWhatIsMeantToBeOverriddenByFew() {
        GuardListener joined =
                Listeners.join(GuardListener.class, List.of(hearer("a"), GuardListener.none(), hearer("b")));

        joined.refused("store", "full");
        joined.timedOut("store");

        assertThat(heard)
                .containsExactly(
                        "a refused store: full", "b refused store: full", "a gave up store", "b gave up store");
    }

    @Test
    void whatOneThrowsComesThroughAsItIs() {
        IllegalStateException thrown = new IllegalStateException("a listener with a fault");
        GuardListener joined = Listeners.join(GuardListener.class, List.of(new GuardListener() {
            @Override
            public void timedOut(String guard) {
                throw thrown;
            }
        }));

        assertThatThrownBy(() -> joined.timedOut("store")).isSameAs(thrown);
    }

    @Test
    void isEqualToItselfAlone() {
        GuardListener one = Listeners.join(GuardListener.class, List.of(hearer("a")));
        GuardListener other = Listeners.join(GuardListener.class, List.of(hearer("a")));

        assertThat(Set.of(one, other)).hasSize(2).contains(one);
        assertThat(one.toString()).startsWith("[");
    }

    private GuardListener hearer(String name) {
        return new GuardListener() {
            @Override
            public void refused(String guard, String why) {
                heard.add(name + " refused " + guard + ": " + why);
            }

            @Override
            public void timedOut(String guard) {
                heard.add(name + " gave up " + guard);
            }
        };
    }
}
