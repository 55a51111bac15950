package io.tsdash.transport.access;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.proc.SingleKeyJWSKeySelector;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Sets up a {@link JwtAuthenticator}. Single-threaded. */
public final class JwtAuthenticatorBuilder {
    private static final int SECRET_BYTES_MIN = 32; // RFC 7518 section 3.2
    private static final int RSA_BITS_MIN = 2_048; // RFC 7518 section 3.3
    private static final Pattern PEM_LINES = Pattern.compile("-----(BEGIN|END) [A-Z ]{1,40}-----");
    private static final int KEY_SET_BYTES_MAX = 1 << 18;
    private static final int FETCH_MILLIS_MAX = 2_000;
    private static final Duration CLOCK_SKEW_MAX = Duration.ofMinutes(10);
    private static final Set<JWSAlgorithm> PUBLIC_KEY = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256);

    TimeSource time = TimeSource.system();
    Duration clockSkew = Duration.ofSeconds(30);
    String issuer = "";
    String audience = "";
    String userClaim = "sub";
    String permissionsClaim = "permissions";
    Quotas quotas = Quotas.usual();
    private byte @Nullable [] secret;
    private @Nullable String pem;
    private @Nullable URI keySet;
    private Duration keepKeys = Duration.ofMinutes(5);
    private Duration fetchPause = Duration.ofSeconds(30);

    JwtAuthenticatorBuilder() {}

    /** Takes tokens that are signed with this secret by HS256; at least 32 bytes. */
    public JwtAuthenticatorBuilder secret(byte[] value) {
        secret = value.clone();
        return this;
    }

    /** Takes tokens that are signed with the private part of this key: RSA by RS256, EC on P-256 by ES256. */
    public JwtAuthenticatorBuilder publicKey(String pemText) {
        pem = pemText;
        return this;
    }

    /**
     * Takes tokens that are signed with one of the keys of a JSON Web Key Set (RFC 7517), by RS256 or ES256. Keys are kept
     * for a while; a key that is not known makes the set be fetched again, so that keys can be rotated. Secrets in it are
     * never used.
     *
     * @param address https, or http for what stands on the same machine
     */
    public JwtAuthenticatorBuilder keySet(URI address) {
        keySet = address;
        return this;
    }

    /** Takes a key set from a file, as {@link #keySet(URI)} does. */
    public JwtAuthenticatorBuilder keySet(Path file) {
        keySet = file.toUri();
        return this;
    }

    /** Sets how long fetched keys are kept, and the shortest time between two fetches; 5 min and 30 s by default. */
    public JwtAuthenticatorBuilder keepKeys(Duration keep, Duration pause) {
        keepKeys = keep;
        fetchPause = pause;
        return this;
    }

    /** Sets the issuer that tokens must name. */
    public JwtAuthenticatorBuilder issuer(String value) {
        issuer = value;
        return this;
    }

    /** Sets the audience that tokens must name: this server. */
    public JwtAuthenticatorBuilder audience(String value) {
        audience = value;
        return this;
    }

    /** Sets how far the issuer's clock may be off; 30 s by default. */
    public JwtAuthenticatorBuilder clockSkew(Duration value) {
        clockSkew = value;
        return this;
    }

    /** Sets the claim with the user; {@code sub} by default. */
    public JwtAuthenticatorBuilder userClaim(String value) {
        userClaim = value;
        return this;
    }

    /** Sets the claim with the permissions, a list or a text with spaces between; {@code permissions} by default. */
    public JwtAuthenticatorBuilder permissionsClaim(String value) {
        permissionsClaim = value;
        return this;
    }

    /** Sets how much of the server each user may use. */
    public JwtAuthenticatorBuilder quotas(Quotas value) {
        quotas = value;
        return this;
    }

    /** Sets the clocks; those of the machine by default. */
    public JwtAuthenticatorBuilder time(TimeSource value) {
        time = value;
        return this;
    }

    /**
     * Returns the authenticator.
     *
     * @throws ConfigurationException naming everything that is wrong
     */
    public JwtAuthenticator build() {
        List<String> problems = new ArrayList<>();
        int kinds = (secret == null ? 0 : 1) + (pem == null ? 0 : 1) + (keySet == null ? 0 : 1);
        check(
                problems,
                kinds == 1,
                "keys were of " + kinds + " kinds but one of secret, publicKey and keySet is needed");
        check(problems, !issuer.isBlank(), "issuer was blank but tokens of anyone would hold");
        check(problems, !audience.isBlank(), "audience was blank but tokens for other servers would hold");
        check(problems, !userClaim.isBlank(), "userClaim was blank but it must name a claim");
        check(problems, !permissionsClaim.isBlank(), "permissionsClaim was blank but it must name a claim");
        check(
                problems,
                !clockSkew.isNegative() && clockSkew.compareTo(CLOCK_SKEW_MAX) <= 0,
                "clockSkew was '" + clockSkew + "' but it must be 0 to " + CLOCK_SKEW_MAX);
        check(
                problems,
                !fetchPause.isNegative() && !fetchPause.isZero() && keepKeys.compareTo(fetchPause) > 0,
                "keepKeys was '" + keepKeys + "' with a pause of '" + fetchPause
                        + "' but the pause must be above 0 and shorter than that");
        JWSKeySelector<SecurityContext> keys = problems.isEmpty() ? keys(problems) : null;
        if (keys == null || !problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new JwtAuthenticator(this, keys);
    }

    private @Nullable JWSKeySelector<SecurityContext> keys(List<String> problems) {
        if (secret != null) {
            check(
                    problems,
                    secret.length >= SECRET_BYTES_MIN,
                    "secret had " + secret.length + " bytes but it must have at least " + SECRET_BYTES_MIN);
            return new SingleKeyJWSKeySelector<>(JWSAlgorithm.HS256, new SecretKeySpec(secret, "HmacSHA256"));
        }
        return pem != null ? ofPem(pem, problems) : keySet != null ? ofKeySet(keySet, problems) : null;
    }

    private static @Nullable JWSKeySelector<SecurityContext> ofPem(String text, List<String> problems) {
        byte[] encoded;
        try {
            encoded = Base64.getMimeDecoder().decode(PEM_LINES.matcher(text).replaceAll(""));
        } catch (IllegalArgumentException e) {
            encoded = new byte[0];
        }
        X509EncodedKeySpec form = new X509EncodedKeySpec(encoded);
        try {
            if (KeyFactory.getInstance("RSA").generatePublic(form) instanceof RSAPublicKey rsa
                    && rsa.getModulus().bitLength() >= RSA_BITS_MIN) {
                return new SingleKeyJWSKeySelector<>(JWSAlgorithm.RS256, rsa);
            }
        } catch (GeneralSecurityException e) {
            // Not RSA: perhaps the other.
        }
        try {
            if (KeyFactory.getInstance("EC").generatePublic(form) instanceof ECPublicKey ec
                    && Curve.P_256.equals(Curve.forECParameterSpec(ec.getParams()))) {
                return new SingleKeyJWSKeySelector<>(JWSAlgorithm.ES256, ec);
            }
        } catch (GeneralSecurityException e) {
            // Told below: the rule is the same.
        }
        problems.add("publicKey could not be used but it must be in PEM (BEGIN PUBLIC KEY), RSA of at least "
                + RSA_BITS_MIN + " bits or EC on P-256");
        return null;
    }

    private @Nullable JWSKeySelector<SecurityContext> ofKeySet(URI address, List<String> problems) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        if (!Set.of("https", "http", "file").contains(scheme)) {
            problems.add("keySet was '" + address + "' but it must be an address of https, http or a file");
            return null;
        }
        try {
            URL url = address.toURL();
            JWKSource<SecurityContext> source = JWKSourceBuilder.<SecurityContext>create(
                            url, new DefaultResourceRetriever(FETCH_MILLIS_MAX, FETCH_MILLIS_MAX, KEY_SET_BYTES_MAX))
                    // A refresh ahead would have threads of its own, which nobody here could end.
                    .refreshAheadCache(false)
                    .cache(keepKeys.toMillis(), FETCH_MILLIS_MAX * 2L)
                    .rateLimited(fetchPause.toMillis())
                    .retrying(true)
                    .build();
            return new JWSVerificationKeySelector<>(PUBLIC_KEY, source);
        } catch (MalformedURLException e) {
            problems.add("keySet was '" + address + "' but it must be an address: " + e.getMessage());
            return null;
        }
    }

    private static void check(List<String> problems, boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
