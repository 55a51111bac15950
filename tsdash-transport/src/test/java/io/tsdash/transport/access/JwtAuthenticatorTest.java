package io.tsdash.transport.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.tsdash.error.ConfigurationException;
import io.tsdash.testkit.ManualTimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("JavaUtilDate") // the library's own type
class JwtAuthenticatorTest {
    private static final byte[] SECRET = "a secret of thirty-two bytes, or more".getBytes(StandardCharsets.UTF_8);
    private static final long NOW_SECONDS = 1_700_000_000L;
    private static final RSAKey RSA = rsa("r1");
    private static final ECKey EC = ec("e1");

    private final ManualTimeSource time = new ManualTimeSource(NOW_SECONDS * 1_000_000_000L);

    @TempDir
    private Path folder;

    @Test
    void eachAlgorithmHoldsWithItsKey() throws Exception {
        JWTClaimsSet claims = claims().build();
        assertThat(user(withSecret(), hs256(claims))).isEqualTo("ann");
        assertThat(user(options().publicKey(pem(RSA.toPublicKey())).build(), signed(RSA, claims)))
                .isEqualTo("ann");
        assertThat(user(options().publicKey(pem(EC.toPublicKey())).build(), signed(EC, claims)))
                .isEqualTo("ann");
    }

    @Test
    void grantSaysWhoWhatAndHowLong() {
        Grant grant = grant(withSecret(), hs256(claims().build()));
        assertThat(grant.permissions().cover("prices:AAPL")).isTrue();
        assertThat(grant.permissions().cover("orders")).isTrue();
        assertThat(grant.permissions().cover("trades:AAPL")).isFalse();
        assertThat(grant.expiresNanos()).isEqualTo((NOW_SECONDS + 60 + 30) * 1_000_000_000L);
    }

    @Test
    void permissionsMayBeOneTextWithSpaces() {
        Grant grant = grant(
                withSecret(),
                hs256(claims().claim("permissions", "trades:* news").build()));
        assertThat(grant.permissions().cover("news")).isTrue();
        assertThat(grant.permissions().cover("trades:*")).isTrue();
    }

    @Test
    void withoutPermissionsNothingIsPermitted() {
        Grant grant =
                grant(withSecret(), hs256(claims().claim("permissions", null).build()));
        assertThat(grant.permissions().cover("news")).isFalse();
    }

    @Test
    void tokenWithoutSignatureIsRefused() {
        String none = new PlainJWT(claims().build()).serialize();
        refused(withSecret(), none);
        refused(withKeys(new JWKSet(RSA.toPublicJWK())), none);
        String header = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
        String signed = hs256(claims().build());
        refused(withSecret(), header + signed.substring(signed.indexOf('.')));
    }

    /** The classic confusion: the public key, which everyone has, used as the secret of HS256. */
    @Test
    void publicKeyIsNoSecret() throws Exception {
        String pem = pem(RSA.toPublicKey());
        for (byte[] secret :
                List.of(pem.getBytes(StandardCharsets.UTF_8), RSA.toPublicKey().getEncoded())) {
            String forged = signed(new MACSigner(secret), JWSAlgorithm.HS256, "r1", claims().build());
            refused(options().publicKey(pem).build(), forged);
            refused(withKeys(new JWKSet(RSA.toPublicJWK())), forged);
        }
    }

    @Test
    void secretInAKeySetIsNeverUsed() {
        JWK oct = new OctetSequenceKey.Builder(SECRET).keyID("s1").build();
        refused(withKeys(new JWKSet(List.of(oct, RSA.toPublicJWK()))), hs256(claims().build()));
    }

    @Test
    void otherAlgorithmsOfTheSameKeyAreRefused() throws Exception {
        String rs512 = signed(new RSASSASigner(RSA), JWSAlgorithm.RS512, "r1", claims().build());
        refused(options().publicKey(pem(RSA.toPublicKey())).build(), rs512);
        refused(withKeys(new JWKSet(RSA.toPublicJWK())), rs512);
    }

    @Test
    void signatureOfAnotherKeyIsRefused() {
        refused(withKeys(new JWKSet(RSA.toPublicJWK())), signed(rsa("r1"), claims().build()));
        refused(withSecret(), hs256(claims().build()) + "x");
    }

    @Test
    void tokenEndsByTheClockThatWasGivenWithTheSkewThatIsAllowed() {
        String token = hs256(claims().build());
        time.advance(Duration.ofSeconds(60 + 29));
        assertThat(user(withSecret(), token)).isEqualTo("ann");
        time.advance(Duration.ofSeconds(2));
        refused(withSecret(), token);
    }

    @Test
    void tokenOfTheFutureIsRefused() {
        String token =
                hs256(claims().notBeforeTime(java.util.Date.from(java.time.Instant.ofEpochSecond(NOW_SECONDS + 40)))
                        .build());
        refused(withSecret(), token);
        time.advance(Duration.ofSeconds(15));
        assertThat(user(withSecret(), token)).isEqualTo("ann");
    }

    @Test
    void issuerAudienceUserAndEndMustBeThereAndRight() {
        refused(withSecret(), hs256(claims().issuer("someone").build()));
        refused(withSecret(), hs256(claims().issuer(null).build()));
        refused(withSecret(), hs256(claims().audience("another server").build()));
        refused(withSecret(), hs256(claims().audience((String) null).build()));
        refused(withSecret(), hs256(claims().subject(null).build()));
        refused(withSecret(), hs256(claims().subject("").build()));
        refused(withSecret(), hs256(claims().subject("a\nb").build()));
        refused(withSecret(), hs256(claims().expirationTime(null).build()));
        refused(
                withSecret(),
                hs256(claims().claim("permissions", List.of("pri*ces")).build()));
        refused(withSecret(), hs256(claims().claim("permissions", 7).build()));
    }

    @Test
    void refusalDoesNotRepeatTheToken() {
        String token = hs256(claims().issuer("someone").build());
        assertThat(withSecret().authenticate(token).toString()).doesNotContain(token.substring(token.length() - 20));
    }

    @Property(tries = 500)
    void anyTextIsRefusedAndNothingIsThrown(@ForAll String token) {
        assertThat(withSecret().authenticate(token)).isInstanceOf(Authentication.Refused.class);
    }

    @Test
    void keysAreRotatedBehindAnAddress() throws IOException {
        AtomicReference<JWKSet> served = new AtomicReference<>(new JWKSet(RSA.toPublicJWK()));
        AtomicInteger fetches = new AtomicInteger();
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/keys", exchange -> {
            fetches.incrementAndGet();
            byte[] body = Objects.requireNonNull(served.get()).toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        http.start();
        try {
            JwtAuthenticator authenticator = options()
                    .keySet(URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/keys"))
                    .keepKeys(Duration.ofHours(1), Duration.ofMinutes(30))
                    .build();
            for (int i = 0; i < 20; i++) {
                assertThat(user(authenticator, signed(RSA, claims().build()))).isEqualTo("ann");
            }
            assertThat(fetches).as("keys are kept").hasValue(1);
            RSAKey fresh = rsa("r2");
            served.set(new JWKSet(List.of(fresh.toPublicJWK())));
            assertThat(user(authenticator, signed(fresh, claims().build()))).isEqualTo("ann");
            assertThat(authenticator.authenticate(signed(RSA, claims().build())))
                    .as("the old key")
                    .isNotInstanceOf(Authentication.Granted.class);
            int before = fetches.get();
            for (int i = 0; i < 20; i++) {
                authenticator.authenticate(signed(ec("unknown" + i), claims().build()));
            }
            assertThat(fetches.get() - before)
                    .as("strangers cannot make it fetch at will")
                    .isLessThanOrEqualTo(2);
        } finally {
            http.stop(0);
        }
    }

    @Test
    void keysThatCannotBeHadAreNoRefusal() throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        URI address = URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/keys");
        http.start();
        http.stop(0);
        assertThat(options().keySet(address).build().authenticate(signed(RSA, claims().build())))
                .isInstanceOf(Authentication.Unavailable.class);
    }

    @Test
    void allThatIsWrongWithTheOptionsIsToldAtOnce() {
        assertThatThrownBy(() -> JwtAuthenticator.builder()
                        .clockSkew(Duration.ofHours(1))
                        .keepKeys(Duration.ofSeconds(1), Duration.ofSeconds(2))
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .anyMatch(problem -> problem.startsWith("keys were of 0 kinds"))
                                .anyMatch(problem -> problem.startsWith("issuer was blank"))
                                .anyMatch(problem -> problem.startsWith("audience was blank"))
                                .anyMatch(problem -> problem.startsWith("clockSkew was 'PT1H'"))
                                .anyMatch(problem -> problem.startsWith("keepKeys was 'PT1S'")));
        assertThatThrownBy(() -> options().secret(new byte[31]).build()).hasMessageContaining("31 bytes");
        assertThatThrownBy(() -> options().publicKey("no pem").build()).hasMessageContaining("publicKey");
        assertThatThrownBy(() -> options().keySet(URI.create("ftp://x/y")).build())
                .hasMessageContaining("ftp://x/y");
    }

    private JwtAuthenticatorBuilder options() {
        return JwtAuthenticator.builder().issuer("issuer").audience("desk").time(time);
    }

    private JwtAuthenticator withSecret() {
        return options().secret(SECRET).build();
    }

    private JwtAuthenticator withKeys(JWKSet keys) {
        try {
            Path file = Files.createTempFile(folder, "keys", ".json");
            Files.writeString(file, keys.toString(false));
            return options().keySet(file).build();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer("issuer")
                .audience("desk")
                .subject("ann")
                .claim("permissions", List.of("prices:*", "orders"))
                .expirationTime(java.util.Date.from(java.time.Instant.ofEpochSecond(NOW_SECONDS + 60)));
    }

    private static Grant grant(JwtAuthenticator authenticator, String token) {
        Authentication answer = authenticator.authenticate(token);
        assertThat(answer).isInstanceOf(Authentication.Granted.class);
        return ((Authentication.Granted) answer).grant();
    }

    private static String user(JwtAuthenticator authenticator, String token) {
        return grant(authenticator, token).user();
    }

    private static void refused(JwtAuthenticator authenticator, String token) {
        assertThat(authenticator.authenticate(token)).isInstanceOf(Authentication.Refused.class);
    }

    private static String hs256(JWTClaimsSet claims) {
        try {
            return signed(new MACSigner(SECRET), JWSAlgorithm.HS256, "s1", claims);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static String signed(JWK key, JWTClaimsSet claims) {
        try {
            return key instanceof RSAKey rsa
                    ? signed(new RSASSASigner(rsa), JWSAlgorithm.RS256, key.getKeyID(), claims)
                    : signed(new ECDSASigner((ECKey) key), JWSAlgorithm.ES256, key.getKeyID(), claims);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static String signed(JWSSigner signer, JWSAlgorithm algorithm, String keyId, JWTClaimsSet claims)
            throws JOSEException {
        SignedJWT token =
                new SignedJWT(new JWSHeader.Builder(algorithm).keyID(keyId).build(), claims);
        token.sign(signer);
        return token.serialize();
    }

    private static RSAKey rsa(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static ECKey ec(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static String pem(PublicKey key) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }
}
