package io.tsdash.spi;

import io.tsdash.bus.BusListener;
import io.tsdash.bus.BusOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.Objects;

/** The bus within the process, under the name {@code in-process}. */
public final class InProcessBusProvider implements BusProvider {
    private static final int PARTITIONS = 2;
    private static final BusOptions DEFAULTS = BusOptions.partitions(PARTITIONS);

    /** Called by the service loader. */
    public InProcessBusProvider() {}

    @Override
    public String name() {
        return "in-process";
    }

    @Override
    public String description() {
        return "within this process, no address; options: partitions, publishTimeout and closeTimeout (seconds)";
    }

    @Override
    public EventBus open(ProviderOptions options, BusListener listener, TimeSource time) {
        if (!options.argument().isEmpty()) {
            options.problem("address was '" + options.argument() + "' but a bus within the process has none");
        }
        int partitions = (int) Math.min(Integer.MAX_VALUE, options.wholeNumber("partitions", PARTITIONS));
        Duration publishTimeout = options.seconds("publishTimeout", DEFAULTS.publishTimeout());
        Duration closeTimeout = options.seconds("closeTimeout", DEFAULTS.closeTimeout());
        BusOptions busOptions = null;
        try {
            busOptions = new BusOptions(partitions, publishTimeout, closeTimeout);
        } catch (ConfigurationException e) {
            e.problems().forEach(options::problem);
        }
        options.check();
        return EventBus.inProcess(Objects.requireNonNull(busOptions), listener, time);
    }
}
