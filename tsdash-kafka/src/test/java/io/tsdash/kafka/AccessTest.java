package io.tsdash.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.bus.BusConsumer;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.engines.KafkaCluster;
import io.tsdash.error.PermanentException;
import io.tsdash.model.Trade;
import io.tsdash.testkit.RecordingBusListener;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A broker that asks for a password and permits only what its access rules say. */
@Timeout(120)
class AccessTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required";
    private static KafkaCluster cluster;

    private final RecordingBusListener listener = new RecordingBusListener();
    private final Taken taken = new Taken();

    @BeforeAll
    static void start() {
        cluster = KafkaCluster.start(
                Brokers.folder(),
                1,
                Map.of(
                        "listeners", "SASL_PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
                        "advertised.listeners", "SASL_PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
                        "listener.security.protocol.map", "CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
                        "inter.broker.listener.name", "SASL_PLAINTEXT",
                        "sasl.enabled.mechanisms", "PLAIN",
                        "sasl.mechanism.inter.broker.protocol", "PLAIN",
                        "listener.name.sasl_plaintext.plain.sasl.jaas.config",
                                LOGIN
                                        + " username=\"admin\" password=\"admin\" user_admin=\"admin\" user_desk=\"desk\";",
                        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                        "super.users", "User:admin;User:ANONYMOUS"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void saysThatTheBrokersDoNotKnowThePassword() {
        KafkaBusOptions options = as("desk", "wrong").build();
        assertThatThrownBy(() -> open(options))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("The brokers do not let us in: check security.protocol, sasl.* and ssl.*");
    }

    @Test
    void saysThatATopicIsNotPermitted() {
        KafkaBusOptions options = as("desk", "desk").build();
        assertThatThrownBy(() -> open(options))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining(options.topic())
                .hasMessageContaining("The brokers' access rules do not permit it: grant it there");
    }

    @Test
    void stopsAConsumerThatMayNotReadAndGoesOnOnceItMay() throws Exception {
        KafkaBusOptions options = as("desk", "desk").createTopics(false).build();
        make(options);
        permit(options, AclOperation.WRITE);
        try (KafkaEventBus bus = open(options)) {
            BusConsumer refused = bus.subscribe(ConsumerOptions.blocking("store"), taken);
            Await.until("the consumer to stop", LONG, () -> !refused.running());
            assertThat(listener.stops()).containsExactly("store");
            refused.close();

            permit(options, AclOperation.READ);
            bus.subscribe(ConsumerOptions.blocking("store"), taken);
            bus.publish(List.of(Trade.of("A", 1, 1, 1, 1)));
            assertThat(bus.drain(LONG)).isTrue();
        }
        assertThat(taken.sequences()).containsExactly(1L);
    }

    @Test
    void saysThatWritingIsNotPermittedAndSendsAgainOnceItIs() throws Exception {
        KafkaBusOptions options = as("desk", "desk").createTopics(false).build();
        make(options);
        permit(options, AclOperation.READ);
        try (KafkaEventBus bus = open(options)) {
            bus.subscribe(ConsumerOptions.blocking("store"), taken);
            List<Trade> batch = List.of(Trade.of("A", 1, 1, 1, 1), Trade.of("A", 2, 2, 1, 1));
            assertThatThrownBy(() -> bus.publish(batch))
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("grant it there")
                    .hasMessageContaining("0 of 2 events accepted");

            permit(options, AclOperation.WRITE);
            Await.until("the grant to be known", LONG, () -> {
                try {
                    bus.publish(batch);
                    return true;
                } catch (PermanentException e) {
                    return false;
                }
            });
            assertThat(bus.drain(LONG)).isTrue();
        }
        assertThat(taken.distinctSequences()).containsExactly(1L, 2L);
    }

    private KafkaEventBus open(KafkaBusOptions options) {
        return KafkaEventBus.open(options, listener, TimeSource.system());
    }

    private static KafkaBusOptionsBuilder as(String user, String password) {
        return Brokers.fresh(cluster).openTimeout(Duration.ofSeconds(15)).properties(login(user, password));
    }

    private static Map<String, String> login(String user, String password) {
        return Map.of(
                "security.protocol", "SASL_PLAINTEXT",
                "sasl.mechanism", "PLAIN",
                "sasl.jaas.config", LOGIN + " username=\"" + user + "\" password=\"" + password + "\";");
    }

    /** Makes the topics as an administrator does. */
    private void make(KafkaBusOptions options) {
        KafkaBusOptions asAdmin = KafkaBusOptions.servers(options.servers())
                .topic(options.topic())
                .partitions(options.partitions())
                .properties(login("admin", "admin"))
                .build();
        open(asAdmin).close();
    }

    private static void permit(KafkaBusOptions options, AclOperation operation) throws Exception {
        List<AclBinding> bindings = new ArrayList<>();
        for (AclOperation each : List.of(operation, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS)) {
            bindings.add(binding(ResourceType.TOPIC, options.topic(), each));
        }
        if (operation == AclOperation.READ) {
            bindings.add(binding(ResourceType.GROUP, options.groupPrefix(), AclOperation.READ));
        } else {
            bindings.add(binding(ResourceType.GROUP, options.groupPrefix(), AclOperation.DESCRIBE));
        }
        try (Admin admin = Admin.create(connection(options))) {
            admin.createAcls(bindings).all().get();
        }
    }

    private static Map<String, Object> connection(KafkaBusOptions options) {
        Map<String, Object> connection = new java.util.HashMap<>(login("admin", "admin"));
        connection.put("bootstrap.servers", options.servers());
        return connection;
    }

    private static AclBinding binding(ResourceType type, String prefix, AclOperation operation) {
        return new AclBinding(
                new ResourcePattern(type, prefix, PatternType.PREFIXED),
                new AccessControlEntry("User:desk", "*", operation, AclPermissionType.ALLOW));
    }
}
