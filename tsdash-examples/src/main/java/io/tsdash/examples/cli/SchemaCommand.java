package io.tsdash.examples.cli;

import io.tsdash.examples.server.ServerSettings;
import io.tsdash.examples.server.StoreChoice;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tsdash schema}: what a store's schema lacks, shown or done. */
@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Shows the statements that bring a store's schema to this version; with --apply, runs them.")
@SuppressWarnings("NullAway.Init") // set by picocli
final class SchemaCommand implements Callable<Integer> {
    @Mixin
    private StoreFlags flags;

    @Option(names = "--apply", description = "Run them.")
    private boolean apply;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Map<String, String> values = new LinkedHashMap<>();
        ServeCommand.environment(values);
        values.putAll(flags.values());
        ServerSettings settings = ServerSettings.of(values);
        show(settings.store(), out);
        settings.barsStore().ifPresent(bars -> show(bars, out));
        out.flush();
        return 0;
    }

    private void show(StoreChoice choice, PrintWriter out) {
        List<String> statements = choice.plan();
        out.println("-- " + choice + ": "
                + (statements.isEmpty() ? "the schema is that of this version" : statements.size() + " statements"));
        statements.forEach(statement -> out.println(statement + ";"));
        if (apply && !statements.isEmpty()) {
            try (MarketStore store = choice.open(TimeSource.system())) {
                out.println("-- " + store.capabilities().name() + ": done");
            }
        }
    }
}
