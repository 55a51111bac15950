package io.tsdash.clickhouse;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.cert.CertificateException;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Finds out whether a port that ended our plain request speaks TLS: a server says no more than that by itself. */
final class TlsProbe {
    private TlsProbe() {}

    /** Returns whether it does; false also where it cannot be found out within the timeout of each step. */
    static boolean speaksTls(String url, Duration timeout) {
        URI uri = URI.create(url);
        int millis = Math.toIntExact(timeout.toMillis());
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), millis);
            plain.setSoTimeout(millis);
            SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
            try (SSLSocket tls = (SSLSocket) factory.createSocket(plain, uri.getHost(), uri.getPort(), false)) {
                tls.startHandshake();
                return true;
            }
        } catch (IOException e) {
            // A certificate that we do not trust is one all the same.
            return Failures.find(e, CertificateException.class) != null;
        }
    }
}
