package io.tsdash.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.InvalidInputException;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class PermissionsTest {
    @Test
    void nameIsCoveredByItselfAndByPrefixesOnly() {
        Permissions permissions = Permissions.of(List.of("orders", "prices:BTC*"));
        assertThat(permissions.cover("orders")).isTrue();
        assertThat(permissions.cover("orders2")).isFalse();
        assertThat(permissions.cover("order")).isFalse();
        assertThat(permissions.cover("prices:BTC")).isTrue();
        assertThat(permissions.cover("prices:BTC-USD")).isTrue();
        assertThat(permissions.cover("prices:BT")).isFalse();
    }

    @Test
    void prefixNeedsOnePermissionForAllOfIt() {
        Permissions permissions = Permissions.of(List.of("prices:BTC*", "prices:ETH"));
        assertThat(permissions.cover("prices:BTC*")).isTrue();
        assertThat(permissions.cover("prices:BTC-*")).isTrue();
        assertThat(permissions.cover("prices:*")).isFalse();
        assertThat(permissions.cover("prices:ETH*")).as("a name is no prefix").isFalse();
        assertThat(permissions.cover("*")).isFalse();
    }

    @Test
    void symbolIsMentionedByWhateverShowsIt() {
        Permissions permissions = Permissions.of(List.of("prices:A", "trades:B*", "bars:1m:C", "bars:5m:D*"));
        for (String symbol : List.of("A", "B", "B2", "C", "D", "D2")) {
            assertThat(permissions.mention(symbol)).as(symbol).isTrue();
        }
        for (String symbol : List.of("A2", "C2", "E", "")) {
            assertThat(permissions.mention(symbol)).as(symbol).isFalse();
        }
        assertThat(Permissions.of(List.of("bars:*")).mention("E")).isTrue();
        assertThat(Permissions.all().mention("E")).isTrue();
        assertThat(Permissions.none().mention("E")).isFalse();
    }

    @Test
    void patternThatIsNoneIsRefused() {
        for (String pattern : List.of("", "a*b", "**", "x".repeat(161))) {
            assertThatThrownBy(() -> Permissions.of(List.of(pattern))).isInstanceOf(InvalidInputException.class);
        }
    }

    @Property(tries = 500)
    void whoMayHaveAPrefixMayHaveAllThatBeginsSo(
            @ForAll @Size(max = 4)
                    List<@CharRange(from = 'a', to = 'b') @StringLength(min = 1, max = 3) String> prefixes,
            @ForAll @CharRange(from = 'a', to = 'b') @StringLength(max = 3) String asked,
            @ForAll @CharRange(from = 'a', to = 'b') @StringLength(max = 3) String rest) {
        Permissions permissions =
                Permissions.of(prefixes.stream().map(each -> each + "*").toList());
        if (permissions.cover(asked + "*")) {
            assertThat(permissions.cover(asked + rest)).isTrue();
        }
    }
}
