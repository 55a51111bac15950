package io.tsdash.transport.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.distribution.Permissions;
import io.tsdash.error.ConfigurationException;
import io.tsdash.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class UserQuotasTest {
    private final ManualTimeSource time = new ManualTimeSource(0);
    private final UserQuotas quotas = new UserQuotas(time);

    @Test
    void connectionsOfAUserAreCountedTogetherAndGivenBack() {
        Grant ann = grant("ann", new Quotas(2, 10, 1, 1));
        UserQuotas.Lease first = quotas.connect(ann).orElseThrow();
        assertThat(quotas.connect(ann)).isPresent();
        assertThat(quotas.connect(ann)).isEmpty();
        assertThat(quotas.connect(grant("bob", new Quotas(2, 10, 1, 1)))).isPresent();
        first.release();
        first.release();
        assertThat(quotas.connect(ann)).isPresent();
        assertThat(quotas.connect(ann)).isEmpty();
    }

    @Test
    void subscriptionsOfAllConnectionsCountTogether() {
        Grant ann = grant("ann", new Quotas(5, 10, 1, 1));
        UserQuotas.Lease first = quotas.connect(ann).orElseThrow();
        UserQuotas.Lease second = quotas.connect(ann).orElseThrow();
        assertThat(first.allow(7)).isTrue();
        assertThat(second.allow(4)).isFalse();
        assertThat(second.allow(3)).isTrue();
        assertThat(first.allow(8)).isFalse();
        assertThat(first.allow(2)).isTrue();
        assertThat(second.allow(8)).isTrue();
        second.release();
        assertThat(second.allow(1)).as("a connection that is gone").isFalse();
        assertThat(first.allow(10)).isTrue();
    }

    @Test
    void messagesComeAtTheirPaceWhateverTheConnection() {
        Grant ann = grant("ann", new Quotas(5, 10, 2, 3));
        UserQuotas.Lease first = quotas.connect(ann).orElseThrow();
        UserQuotas.Lease second = quotas.connect(ann).orElseThrow();
        assertThat(first.message()).isTrue();
        assertThat(second.message()).isTrue();
        assertThat(quotas.message(ann).allowed()).isTrue();
        assertThat(first.message()).isFalse();
        time.advance(Duration.ofMillis(499));
        assertThat(second.message()).isFalse();
        time.advance(Duration.ofMillis(1));
        assertThat(second.message()).isTrue();
        time.advance(Duration.ofHours(1));
        for (int i = 0; i < 3; i++) {
            assertThat(first.message()).isTrue();
        }
        assertThat(first.message())
                .as("a pause saves up no more than may come at once")
                .isFalse();
    }

    @Test
    void newerGrantChangesWhatMayBeUsed() {
        UserQuotas.Lease lease =
                quotas.connect(grant("ann", new Quotas(1, 2, 1, 1))).orElseThrow();
        assertThat(lease.allow(3)).isFalse();
        lease.renew(grant("ann", new Quotas(2, 3, 1, 1)));
        assertThat(lease.allow(3)).isTrue();
        assertThat(quotas.connect(grant("ann", new Quotas(2, 3, 1, 1)))).isPresent();
    }

    @Test
    void usersWhoLeftAreForgotten() {
        for (int i = 0; i < 5_000; i++) {
            quotas.message(grant("user" + i, new Quotas(1, 1, 1_000, 10)));
            time.advance(Duration.ofMillis(1));
        }
        assertThat(quotas.size()).isLessThanOrEqualTo(1_100);
    }

    @Test
    void quotasThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new Quotas(0, 0, Double.NaN, 0))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems()).hasSize(4));
    }

    @Property(tries = 200)
    void whatIsGivenBackIsWhatWasTaken(@ForAll long seed) {
        Random random = new Random(seed);
        UserQuotas any = new UserQuotas(new ManualTimeSource(0));
        Grant ann = grant("ann", new Quotas(4, 20, 1, 1));
        List<UserQuotas.Lease> open = new ArrayList<>();
        for (int step = 0; step < 200; step++) {
            if (random.nextBoolean()) {
                Optional<UserQuotas.Lease> lease = any.connect(ann);
                assertThat(lease.isPresent()).isEqualTo(open.size() < 4);
                lease.ifPresent(open::add);
            } else if (!open.isEmpty()) {
                UserQuotas.Lease lease = open.get(random.nextInt(open.size()));
                lease.allow(random.nextInt(12));
                if (random.nextInt(3) == 0) {
                    lease.release();
                    open.remove(lease);
                }
            }
        }
        open.forEach(UserQuotas.Lease::release);
        assertThat(any.connect(ann).orElseThrow().allow(20)).isTrue();
    }

    private static Grant grant(String user, Quotas quotas) {
        return new Grant(user, Permissions.all(), Long.MAX_VALUE, quotas);
    }
}
