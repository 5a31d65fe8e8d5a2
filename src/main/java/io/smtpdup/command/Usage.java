package io.smtpdup.command;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.config.Suggestion;
import io.smtpdup.message.PlainText;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What is wrong with a command line: one line in an operator's words, and status 2. An argument that says nothing, such as
 * that of a variable nobody has set, never gets as far as a relay, and neither does one that could not be read.
 */
final class Usage {

    /** Java puts it in the place of what it cannot read in the language of the terminal. */
    private static final char UNREADABLE = '\uFFFD';

    private Usage() {
    }

    static void applyTo(CommandLine program) {
        // A file named @gone.example would be read for further arguments, and that is how a domain is written.
        program.setExpandAtFiles(false);
        program.setExecutionStrategy(parsed -> {
            requireText(parsed);
            return new RunLast().execute(parsed);
        });
        program.setParameterExceptionHandler((wrong, arguments) -> {
            CommandLine command = wrong.getCommandLine();
            command.getErr().println("smtp-duplicator: " + PlainText.of(sentence(wrong)));
            command.getErr().println("see " + command.getCommandSpec().qualifiedName() + " --help");
            command.getErr().flush();
            return ExitCode.USAGE;
        });
    }

    private static void requireText(ParseResult parsed) {
        for (ArgSpec argument : parsed.matchedArgs()) {
            for (String value : argument.originalStringValues()) {
                String wrong = problem(value);
                if (wrong != null && argument.arity().max() > 0) {
                    throw new UsageException(parsed.commandSpec().commandLine(), name(argument) + wrong);
                }
            }
        }
        if (parsed.hasSubcommand()) {
            requireText(parsed.subcommand());
        }
    }

    private static String problem(String value) {
        return !PlainText.isVisible(value) ? " is empty"
                : value.chars().anyMatch(Character::isISOControl) ? " has a control character"
                : value.codePoints().anyMatch(c -> c == UNREADABLE || Character.getType(c) == Character.SURROGATE) ? " cannot be read in this locale: set LC_ALL=C.UTF-8"
                : null;
    }

    private static String sentence(ParameterException wrong) {
        ArgSpec argument = wrong.getArgSpec();
        if (wrong instanceof UsageException) {
            return wrong.getMessage();
        } else if (wrong instanceof UnmatchedArgumentException unmatched) {
            return unknown(unmatched);
        } else if (wrong instanceof OverwrittenOptionException overwritten) {
            return name(overwritten.getOverwritten()) + " is given more than once";
        } else if (wrong instanceof MissingParameterException missing) {
            return missing(missing);
        } else if (argument != null && wrong.getValue() != null) {
            return name(argument) + ": \"" + wrong.getValue() + "\" is not "
                    + (argument.type() == int.class ? "a number" : "possible here");
        }
        return wrong.getMessage();
    }

    private static String missing(MissingParameterException wrong) {
        // The two cases differ in nothing else: an option that must stand, and one that stands without its value.
        if (wrong.getMessage().contains("parameter for option") && wrong.getMissing().get(0) instanceof OptionSpec option) {
            return name(option) + " needs a value: " + asWritten(option);
        }
        return wrong.getMissing().stream().map(Usage::asWritten).distinct().collect(Collectors.joining(", ")) + " is missing";
    }

    private static String unknown(UnmatchedArgumentException wrong) {
        CommandLine command = wrong.getCommandLine();
        String word = wrong.getUnmatched().get(0);
        Stream<String> options = command.getCommandSpec().options().stream().filter(option -> !option.hidden())
                .map(OptionSpec::longestName);
        if (wrong.isUnknownOption()) {
            String name = word.replaceFirst("=.*", "");
            return "there is no option " + name + closest(name, options);
        }
        if (command.getSubcommands().isEmpty()) {
            return "\"" + word + "\" is one argument too many";
        }
        return "there is no command " + word + closest(word, command.getSubcommands().keySet().stream())
                + "; the commands are " + String.join(", ", command.getSubcommands().keySet());
    }

    private static String closest(String word, Stream<String> words) {
        Optional<String> meant = Suggestion.closest(word, words);
        return meant.map(known -> ": did you mean " + known + "?").orElse("");
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private static String asWritten(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() + " " + option.paramLabel() : argument.paramLabel();
    }
}
