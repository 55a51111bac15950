package io.tsdash.examples.server;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A JWT by HS256. */
final class SignedToken {
    static final String SECRET = "a secret of thirty-two characters";

    private SignedToken() {}

    /** Returns a token that permits everything for an hour. */
    static String of(String user) {
        try {
            long expires = System.currentTimeMillis() / 1_000 + 3_600;
            String signed = base64("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")
                    + '.'
                    + base64("{\"iss\":\"test\",\"aud\":\"tsdash\",\"sub\":\"" + user + "\",\"exp\":" + expires
                            + ",\"permissions\":[\"*\"]}");
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
            byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + '.' + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
