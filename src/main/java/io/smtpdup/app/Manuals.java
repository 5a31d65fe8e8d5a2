package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import io.smtpdup.command.Commands;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes what a shell and {@code man} know of the program, from the commands themselves: {@code completion/smtp-duplicator.bash},
 * {@code completion/_smtp-duplicator} for zsh, and a page in {@code man/man1} for each command. The build calls it for the tarball.
 */
public final class Manuals {

    private static final String NAME = "smtp-duplicator";

    private final String version;

    private Manuals(String version) {
        this.version = version;
    }

    /** @param arguments the directory to write to, made when missing */
    public static void main(String[] arguments) throws IOException {
        Path here = Path.of("").toAbsolutePath();
        CommandLine program = new CommandLine(new SmtpDuplicator(here, Map.of()));
        Commands.addTo(program, here, here, Map.of());
        write(program, Path.of(arguments[0]), new SmtpDuplicator.Version().getVersion()[0]);
    }

    static void write(CommandLine program, Path directory, String version) throws IOException {
        Path completion = Files.createDirectories(directory.resolve("completion"));
        String bash = AutoComplete.bash(NAME, program).replaceFirst("^#!.*\n", ""); // it is read, and not run
        Files.writeString(completion.resolve(NAME + ".bash"), bash);
        Files.writeString(completion.resolve("_" + NAME), zsh(bash));
        new Manuals(version).pages(program, Files.createDirectories(directory.resolve("man").resolve("man1")));
    }

    /** A function for fpath: the first completion defines everything, and from then on bash's function does it. */
    private static String zsh(String bash) {
        return String.join("\n", "#compdef " + NAME, "# Completion for zsh, of the one for bash, which has one word more", "", "compopt() { : }", "",
                bash, "_bash_complete -o default -F _complete_" + NAME + " \"$@\"", "");
    }

    private void pages(CommandLine command, Path directory) throws IOException {
        Files.writeString(directory.resolve(page(command.getCommandSpec()) + ".1"), text(command), StandardCharsets.UTF_8);
        for (CommandLine sub : command.getSubcommands().values()) {
            pages(sub, directory);
        }
    }

    private static String page(CommandSpec command) {
        return command.qualifiedName("-");
    }

    private String text(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        StringBuilder page = new StringBuilder();
        List<String> said = List.of(spec.usageMessage().description());
        page.append(".TH \"").append(page(spec).toUpperCase(Locale.ROOT)).append("\" \"1\" \"\" \"").append(version)
                .append("\" \"SMTP Duplicator\"\n.nh\n.ad l\n");
        page.append(".SH NAME\n").append(plain(page(spec))).append(" \\- ").append(plain(said.get(0).replaceFirst("\\.$", ""))).append('\n');
        page.append(".SH SYNOPSIS\n").append(plain(new CommandLine.Help(spec, CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF)).synopsis(0).replaceAll("\\s+", " ").strip())).append('\n');
        page.append(".SH DESCRIPTION\n");
        said.stream().filter(line -> !line.isEmpty()).forEach(line -> page.append(line(line)));
        if (!spec.positionalParameters().isEmpty() || !spec.options().isEmpty()) {
            page.append(".SH OPTIONS\n");
            spec.positionalParameters().stream().filter(one -> !one.hidden()).forEach(one -> page.append(tagged(label(one), one)));
            spec.options().stream().filter(one -> !one.hidden()).sorted(Comparator.comparingInt(OptionSpec::order))
                    .forEach(one -> page.append(tagged(label(one), one)));
        }
        if (!command.getSubcommands().isEmpty()) {
            page.append(".SH COMMANDS\n");
            command.getSubcommands().forEach((name, sub) -> page.append(".TP\n\\fB").append(plain(name)).append("\\fR\n")
                    .append(line(sub.getCommandSpec().usageMessage().description()[0])));
        }
        String footer = String.join("\n", spec.usageMessage().footer()).strip();
        if (!footer.isEmpty()) {
            page.append(".SH NOTES\n.nf\n").append(footer.lines().map(Manuals::line).collect(Collectors.joining())).append(".fi\n");
        }
        return page.append(".SH SEE ALSO\n").append(seeAlso(command)).append('\n').toString();
    }

    private static String tagged(String label, ArgSpec argument) {
        return ".TP\n" + label + "\n" + line(String.join(" ", argument.description()).replaceAll("\\s+", " ").strip());
    }

    private static String label(PositionalParamSpec argument) {
        return "\\fI" + plain(argument.paramLabel()) + "\\fR";
    }

    private static String label(OptionSpec option) {
        return List.of(option.names()).stream().map(name -> "\\fB" + plain(name) + "\\fR").collect(Collectors.joining(", "))
                + (option.arity().max() > 0 ? "=\\fI" + plain(option.paramLabel()) + "\\fR" : "");
    }

    private static String seeAlso(CommandLine command) {
        CommandSpec parent = command.getCommandSpec().parent();
        List<String> pages = new ArrayList<>();
        if (parent != null) {
            pages.add(page(parent));
        }
        command.getSubcommands().values().forEach(sub -> pages.add(page(sub.getCommandSpec())));
        return pages.stream().map(name -> "\\fB" + plain(name) + "\\fR(1)").collect(Collectors.joining(",\n"));
    }

    /** A line of text, which is no request to troff whatever it begins with. */
    private static String line(String text) {
        return text.isEmpty() ? "\n" : (text.matches("[.'].*") ? "\\&" : "") + plain(text) + "\n";
    }

    private static String plain(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-");
    }
}
