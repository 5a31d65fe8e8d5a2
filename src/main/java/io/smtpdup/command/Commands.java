package io.smtpdup.command;

import java.nio.file.Path;
import java.util.Map;

import picocli.CommandLine;

/** The tree of the commands that ask or steer a running relay. */
public final class Commands {

    private Commands() {
    }

    /**
     * Puts them below the program.
     *
     * @param here what the files on the command line are relative to
     * @param directory whose application.properties tells where the relay is
     */
    public static void addTo(CommandLine program, Path here, Path directory, Map<String, String> environment) {
        Place place = new Place(here, directory, environment);
        program.addSubcommand(new CommandLine(new QueueCommand(place))
                        .addSubcommand(new ListCommand.Queue(place))
                        .addSubcommand(new ShowCommand.Queue(place))
                        .addSubcommand(new WaitingCommands.Drain(place))
                        .addSubcommand(new WaitingCommands.Move(place))
                        .addSubcommand(new ExportCommand.Queue(place))
                        .addSubcommand(new WaitingCommands.Delete(place)))
                .addSubcommand(new RetryCommand(place))
                .addSubcommand(new PauseCommand.Pause(place))
                .addSubcommand(new PauseCommand.Resume(place))
                .addSubcommand(new CommandLine(new DeadCommand(place))
                        .addSubcommand(new ListCommand.Dead(place))
                        .addSubcommand(new ShowCommand.Dead(place))
                        .addSubcommand(new DeadCommand.Requeue(place))
                        .addSubcommand(new ExportCommand.Dead(place))
                        .addSubcommand(new DeadCommand.Delete(place)))
                .addSubcommand(new ReplayCommand(place))
                .addSubcommand(new HealthCommand(place))
                .addSubcommand(new TraceCommand(place))
                .addSubcommand(new ReloadCommand(place))
                .addSubcommand(new CommandLine(new AgreementCommand(place))
                        .addSubcommand(new AgreementCommand.Mark(place))
                        .addSubcommand(new AgreementCommand.Forget(place)))
                .addSubcommand(new CommandLine(new RecipientsCommand(place))
                        .addSubcommand(new RecipientsCommand.Check(place)))
                .addSubcommand(new CommandLine(new CutoverCommand(place))
                        .addSubcommand(new CutoverCommand.Status(place)))
                .addSubcommand(new RollbackCommand(place));
        program.setUsageHelpWidth(120);
        inGivenOrder(program);
        Usage.applyTo(program);
    }

    /** What a command has for itself comes before what all of them have. */
    private static void inGivenOrder(CommandLine command) {
        command.getCommandSpec().usageMessage().sortOptions(false);
        command.getSubcommands().values().forEach(Commands::inGivenOrder);
    }
}
