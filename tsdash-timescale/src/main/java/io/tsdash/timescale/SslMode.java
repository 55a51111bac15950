package io.tsdash.timescale;

import java.util.Locale;

/** How a connection is encrypted, and what of the server's certificate is checked; the words are libpq's. */
public enum SslMode {
    /** Never encrypted. */
    DISABLE,
    /** Encrypted where the server can; without a check of who it is. */
    PREFER,
    /** Encrypted; without a check of who the server is. */
    REQUIRE,
    /** Encrypted, and the certificate is signed by one that we trust. */
    VERIFY_CA,
    /** As before, and the certificate is for this host. */
    VERIFY_FULL;

    /** Returns the word that libpq and drivers use, such as {@code verify-full}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
