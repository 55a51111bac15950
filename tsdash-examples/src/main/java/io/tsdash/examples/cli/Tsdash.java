package io.tsdash.examples.cli;

import io.tsdash.error.TsdashException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of tsdash. */
@Command(
        name = "tsdash",
        mixinStandardHelpOptions = true,
        version = "tsdash 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        description = "Real-time market data: bars from tapes, and a server with a live dashboard.",
        subcommands = {BarsCommand.class, SchemaCommand.class, CommandLine.HelpCommand.class})
public final class Tsdash {
    private Tsdash() {}

    /** Runs the command and ends the process: 0 done, 1 failed, 2 wrong usage. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine serve = new CommandLine(new ServeCommand());
        serve.getCommandSpec().usageMessage().footer(ServeCommand.footer());
        return new CommandLine(new Tsdash())
                .addSubcommand(serve)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(System.out, false, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (failure instanceof TsdashException) {
                        command.getErr().println(command.getCommandName() + ": " + failure.getMessage());
                        return 1;
                    }
                    throw failure;
                });
    }
}
