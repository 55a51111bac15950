package io.tsdash.transport.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.tsdash.distribution.Permissions;
import io.tsdash.error.InvalidInputException;
import io.tsdash.time.TimeSource;
import java.text.ParseException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON Web Tokens (RFC 7519) signed with HS256, RS256 or ES256.
 *
 * <p>The kind of key decides the algorithm, never the token: a public key verifies RS256 or ES256 and nothing else, a
 * secret HS256 and nothing else, and a token without a signature is refused. Issuer, audience, user and end must be there
 * and right. Signatures and claims are checked by Nimbus JOSE+JWT. Thread-safe.
 */
@SuppressWarnings("JavaUtilDate") // the library's own type
public final class JwtAuthenticator implements Authenticator {
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    private final Duration clockSkew;
    private final String userClaim;
    private final String permissionsClaim;
    private final Quotas quotas;

    JwtAuthenticator(JwtAuthenticatorBuilder options, JWSKeySelector<SecurityContext> keys) {
        this.clockSkew = options.clockSkew;
        this.userClaim = options.userClaim;
        this.permissionsClaim = options.permissionsClaim;
        this.quotas = options.quotas;
        processor.setJWSKeySelector(keys);
        processor.setJWTClaimsSetVerifier(new Claims(options));
    }

    /** Returns a builder; give it one kind of key, an issuer and an audience. */
    public static JwtAuthenticatorBuilder builder() {
        return new JwtAuthenticatorBuilder();
    }

    @Override
    public Authentication authenticate(String token) {
        try {
            return new Authentication.Granted(grant(processor.process(token, null)));
        } catch (KeySourceException e) {
            return new Authentication.Unavailable("the keys cannot be had now: "
                    + (e instanceof RateLimitReachedException ? "they were fetched a moment ago" : e.getMessage()));
        } catch (ParseException e) {
            return new Authentication.Refused("the token is no JWT");
        } catch (BadJOSEException | JOSEException | InvalidInputException e) {
            return new Authentication.Refused("the token does not hold: " + e.getMessage());
        }
    }

    private Grant grant(JWTClaimsSet claims) throws ParseException {
        String user = String.valueOf(claims.getClaim(userClaim));
        if (!(claims.getClaim(userClaim) instanceof String) || !Grant.isUser(user)) {
            throw new InvalidInputException(
                    userClaim + " must be text of 1 to 128 characters, none of them a control character");
        }
        // The end that is told is the one that is kept: with the skew that is allowed to the issuer's clock.
        long expires = Math.addExact(
                TimeUnit.MILLISECONDS.toNanos(claims.getExpirationTime().getTime()), clockSkew.toNanos());
        return new Grant(user, permissions(claims.getClaim(permissionsClaim)), expires, quotas);
    }

    private static Permissions permissions(@Nullable Object claim) {
        if (claim == null) {
            return Permissions.none();
        }
        if (claim instanceof String text) {
            return Permissions.of(Arrays.stream(text.split(" ", -1))
                    .filter(each -> !each.isEmpty())
                    .toList());
        }
        if (claim instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return Permissions.of(list.stream().map(String.class::cast).toList());
        }
        throw new InvalidInputException("permissions must be a list of texts, or one text with spaces between");
    }

    /** The library's checks, by the clock that was given. */
    private static final class Claims extends DefaultJWTClaimsVerifier<SecurityContext> {
        private final TimeSource time;

        Claims(JwtAuthenticatorBuilder options) {
            super(
                    Set.of(options.audience),
                    new JWTClaimsSet.Builder().issuer(options.issuer).build(),
                    Set.of("exp", options.userClaim),
                    Set.of());
            setMaxClockSkew((int) options.clockSkew.toSeconds());
            this.time = options.time;
        }

        @Override
        protected Date currentTime() {
            return new Date(TimeUnit.NANOSECONDS.toMillis(time.epochNanos()));
        }
    }
}
