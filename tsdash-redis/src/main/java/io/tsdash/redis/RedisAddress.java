package io.tsdash.redis;

import io.lettuce.core.RedisURI;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A connect string, taken apart: where Redis is and in which form it runs.
 *
 * @param form one server, one behind Sentinels, or a cluster
 * @param tls whether connections are encrypted
 * @param user from the string, not decoded further
 * @param password from the string
 * @param hosts servers, Sentinels or nodes of the cluster to begin with
 * @param database number of the database
 * @param master what the Sentinels call the master; empty without Sentinels
 */
record RedisAddress(
        Form form,
        boolean tls,
        Optional<String> user,
        Optional<String> password,
        List<Host> hosts,
        int database,
        String master) {
    enum Form {
        SINGLE,
        SENTINEL,
        CLUSTER
    }

    record Host(String name, int port) {}

    private static final int PORT = 6_379;
    private static final int SENTINEL_PORT = 26_379;
    private static final int PORT_MAX = 65_535;
    private static final String FORMS = "redis://HOST:PORT, redis-sentinel://HOST:PORT,HOST:PORT#MASTER or "
            + "redis-cluster://HOST:PORT,HOST:PORT; with rediss in place of redis for TLS";
    private static final Pattern SHAPE =
            Pattern.compile("(rediss?)(-sentinel|-cluster)?://(?:([^@/#]*)@)?([^@/#?]+)(?:/(\\d{0,5}))?(?:#(.+))?");

    /** Takes a connect string apart, and adds to the problems what is wrong with it. No problem shows a password. */
    static RedisAddress parse(String text, List<String> problems) {
        Matcher shape = SHAPE.matcher(text);
        if (!shape.matches()) {
            problems.add(
                    "address was '" + text.replaceFirst("//.*@", "//***@") + "' but it must be of the form " + FORMS);
            return new RedisAddress(Form.SINGLE, false, Optional.empty(), Optional.empty(), List.of(), 0, "");
        }
        String suffix = Optional.ofNullable(shape.group(2)).orElse("");
        Form form = suffix.isEmpty()
                ? Form.SINGLE
                : Form.valueOf(suffix.substring(1).toUpperCase(Locale.ROOT));
        String login = Optional.ofNullable(shape.group(3)).orElse("");
        int colon = login.indexOf(':');
        Optional<String> user = decoded(colon < 0 ? login : login.substring(0, colon));
        Optional<String> password = colon < 0 ? Optional.empty() : decoded(login.substring(colon + 1));
        String database = Optional.ofNullable(shape.group(5)).orElse("");
        RedisAddress address = new RedisAddress(
                form,
                shape.group(1).equals("rediss"),
                user,
                password,
                hosts(shape.group(4), form == Form.SENTINEL ? SENTINEL_PORT : PORT, problems),
                database.isEmpty() ? 0 : Integer.parseInt(database),
                Optional.ofNullable(shape.group(6)).orElse(""));
        address.check(problems);
        return address;
    }

    private void check(List<String> problems) {
        if (form == Form.SINGLE && hosts.size() > 1) {
            problems.add("address was '" + this
                    + "' but redis:// takes one host: use redis-cluster:// or redis-sentinel:// for several");
        }
        if (form == Form.SENTINEL && master.isEmpty()) {
            problems.add("address was '" + this + "' but it must end with # and what the Sentinels call the master");
        }
        if (form != Form.SENTINEL && !master.isEmpty()) {
            problems.add("address was '" + this + "' but only redis-sentinel:// takes the name of a master");
        }
        if (form == Form.CLUSTER && database != 0) {
            problems.add("address was '" + this + "' but a cluster has database 0 only");
        }
        if (user.isPresent() && password.isEmpty()) {
            problems.add(
                    "address was '" + this + "' but a user needs a password: user:password@, or the option password");
        }
    }

    /** Returns the addresses for the client; one, but for a cluster. */
    List<RedisURI> uris(RedisOptions options) {
        if (form == Form.SENTINEL) {
            RedisURI.Builder builder = RedisURI.builder().withSentinelMasterId(master);
            for (Host host : hosts) {
                RedisURI.Builder sentinel = RedisURI.builder()
                        .withHost(host.name())
                        .withPort(host.port())
                        .withSsl(tls)
                        .withVerifyPeer(options.verifyPeer())
                        .withTimeout(options.connectTimeout());
                options.sentinelPassword().ifPresent(secret -> sentinel.withPassword(secret.toCharArray()));
                builder.withSentinel(sentinel.build());
            }
            return List.of(finish(builder, options));
        }
        return hosts.stream()
                .map(host -> finish(RedisURI.builder().withHost(host.name()).withPort(host.port()), options))
                .toList();
    }

    private RedisURI finish(RedisURI.Builder builder, RedisOptions options) {
        builder.withSsl(tls)
                .withVerifyPeer(options.verifyPeer())
                .withDatabase(database)
                .withClientName(options.clientName())
                .withTimeout(options.connectTimeout());
        options.password()
                .ifPresent(secret -> options.user()
                        .ifPresentOrElse(
                                name -> builder.withAuthentication(name, secret.toCharArray()),
                                () -> builder.withPassword(secret.toCharArray())));
        return builder.build();
    }

    /** Shows where it is, without user and password. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(tls ? "rediss" : "redis");
        text.append(form == Form.SINGLE ? "" : "-" + form.name().toLowerCase(Locale.ROOT));
        text.append("://");
        text.append(String.join(
                ",", hosts.stream().map(host -> host.name() + ":" + host.port()).toList()));
        text.append(database == 0 ? "" : "/" + database);
        text.append(master.isEmpty() ? "" : "#" + master);
        return text.toString();
    }

    private static List<Host> hosts(String text, int portElse, List<String> problems) {
        List<Host> hosts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            try {
                // The parser of the JDK knows names, IPv4 and IPv6 in brackets.
                URI uri = new URI("redis://" + part).parseServerAuthority();
                int port = uri.getPort() < 0 ? portElse : uri.getPort();
                if (uri.getHost() == null || port < 1 || port > PORT_MAX) {
                    throw new URISyntaxException(part, "no host and port");
                }
                hosts.add(new Host(uri.getHost(), port));
            } catch (URISyntaxException e) {
                problems.add("address named the host '" + part + "' but it must be HOST or HOST:PORT, port 1 to "
                        + PORT_MAX);
            }
        }
        return List.copyOf(hosts);
    }

    private static Optional<String> decoded(String text) {
        // A plus is itself in an address; only forms of the web mean a space by it.
        return text.isEmpty()
                ? Optional.empty()
                : Optional.of(URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8));
    }
}
