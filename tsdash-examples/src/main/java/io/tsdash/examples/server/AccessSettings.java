package io.tsdash.examples.server;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.TsdashServerBuilder;
import io.tsdash.transport.access.JwtAuthenticator;
import io.tsdash.transport.access.JwtAuthenticatorBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who may come in.
 *
 * @param auth the keys of tokens: {@code secret:FILE}, {@code key:FILE}, {@code keys:FILE} or {@code keys:ADDRESS}; empty
 *     to ask nobody
 * @param issuer that tokens must name
 * @param audience that tokens must name
 * @param anyone whether it may listen on any address without asking
 * @param certificate file of the certificate, with its key; empty for no encryption
 * @param key file of the certificate's key
 */
public record AccessSettings(
        String auth, String issuer, String audience, boolean anyone, Optional<Path> certificate, Optional<Path> key) {

    /** Tells the server. */
    void apply(TsdashServerBuilder server, TimeSource time) {
        if (!auth.isEmpty()) {
            server.authenticator(authenticator(time));
        }
        if (anyone) {
            server.withoutAuthentication();
        }
        if (certificate.isPresent() && key.isPresent()) {
            server.tls(certificate.get(), key.get());
        }
    }

    private JwtAuthenticator authenticator(TimeSource time) {
        int colon = auth.indexOf(':');
        String kind = colon < 0 ? auth : auth.substring(0, colon);
        String place = auth.substring(colon + 1);
        JwtAuthenticatorBuilder builder =
                JwtAuthenticator.builder().issuer(issuer).audience(audience).time(time);
        return switch (kind) {
            case "secret" -> builder.secret(read(place)).build();
            case "key" ->
                builder.publicKey(new String(read(place), StandardCharsets.UTF_8))
                        .build();
            case "keys" ->
                place.contains("://")
                        ? builder.keySet(URI.create(place)).build()
                        : builder.keySet(Path.of(place)).build();
            default ->
                throw new ConfigurationException(List.of(
                        "auth was '" + auth + "' but it must be secret:FILE, key:FILE, keys:FILE or keys:ADDRESS"));
        };
    }

    private static byte[] read(String file) {
        try {
            return Files.readAllBytes(Path.of(file));
        } catch (IOException e) {
            throw new ConfigurationException(List.of("auth named '" + file + "' but that cannot be read: " + e));
        }
    }
}
