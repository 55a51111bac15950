package io.tsdash.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisOptionsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "redis://one redis://one:6379",
                "redis://one:7000/3 redis://one:7000/3",
                "rediss://user:pass@one rediss://one:6379",
                "redis-sentinel://:secret@a,b:1/2#market redis-sentinel://a:26379,b:1/2#market",
                "redis-cluster://a:1,b:2,[::1]:3 redis-cluster://a:1,b:2,[::1]:3",
            })
    void readsConnectStringsAndShowsNoPassword(String address, String shown) {
        RedisOptions options = RedisOptions.at(address).build();
        assertThat(options.where()).isEqualTo(shown);
        assertThat(options).hasToString(options.where());
    }

    @Test
    void takesUserAndPasswordFromTheAddressOrFromOptions() {
        RedisOptions fromAddress = RedisOptions.at("redis://me:a%40b+c@one").build();
        assertThat(fromAddress.user()).contains("me");
        assertThat(fromAddress.password()).contains("a@b+c");
        RedisOptions fromOptions = RedisOptions.at("redis://me:old@one")
                .user("you")
                .password("new")
                .build();
        assertThat(fromOptions.user()).contains("you");
        assertThat(fromOptions.password()).contains("new");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://one|must be of the form",
                "redis://a:secret@/1|address was 'redis://***@/1' but",
                "redis://one,two|takes one host",
                "redis://one:99999|port 1 to 65535",
                "redis://one:x|port 1 to 65535",
                "redis-sentinel://one|what the Sentinels call the master",
                "redis://one#m|only redis-sentinel:// takes the name",
                "redis-cluster://one/1|a cluster has database 0 only",
                "redis://user@one|a user needs a password",
            })
    void refusesAddressesWithTheRule(String address, String rule) {
        assertThatThrownBy(() -> RedisOptions.at(address).build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(rule)
                .hasMessageNotContaining("secret");
    }

    @Test
    void tellsEverythingThatIsWrongAtOnce() {
        assertThatThrownBy(() -> RedisOptions.at("redis://one")
                        .user("me")
                        .sentinelPassword("x")
                        .clientName("a b")
                        .timeout(Duration.ZERO)
                        .connectTimeout(Duration.ofDays(1))
                        .topologyRefresh(Duration.ofMillis(-1))
                        .requestsMax(0)
                        .breaker(0, Duration.ZERO)
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .hasSize(9)
                                .contains("timeout was 'PT0S' but it must be from PT0.001S to PT1M")
                                .contains("requestsMax was '0' but it must be from 1 to 1048576")
                                .containsAll(List.of("user was 'me' but a user needs a password")));
    }
}
