package io.tsdash.examples.monitoring;

import io.tsdash.examples.server.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An operator who changes what Prometheus scrapes is told when it sees nothing of tsdash any more. */
@Timeout(300)
class TargetAlertsTest {
    @TempDir
    private Path folder;

    @Test
    void isToldOfNoTargetAndOfOneThatIsAnotherProgram() throws IOException {
        try (ServerProcess server = new ServerProcess(folder, "--port=0", "--data=" + folder.resolve("data"));
                Watch watch = new Watch(folder, URI.create(server.address()).getAuthority())) {
            String target = URI.create(server.address()).getAuthority();
            watch.awaitUp(target);
            watch.scrape();
            watch.awaitTold("TsdashAbsent");
            watch.scrape(watch.alertmanagerAddress());
            watch.awaitTold("TsdashMetricsMissing");
            watch.scrape(target);
            watch.awaitUp(target);
            watch.awaitQuiet();
            watch.everyoneWasTold();
        }
    }
}
